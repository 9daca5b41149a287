"""Adapters: how a target is reached, driven and observed (network, browser, forms), and the file that describes it."""
