"""The optional `[selectors]` section of a target file: where recognition without configuration does not work."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from selectolax.lexbor import LexborHTMLParser, SelectolaxError


class Selectors(BaseModel):
    """CSS selectors of fields and buttons; "" leaves one to be recognised."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    username: str = Field(default="", description="The field for the user name on the login page.")
    password: str = Field(default="", description="The field for the password on the login page.")
    submit: str = Field(default="", description="The button that sends the login form.")
    remember: str = Field(default="", description="The box to tick for a login that outlives the browser.")
    allow: str = Field(default="", description="The button or link that gives consent.")
    deny: str = Field(default="", description="The button or link that refuses consent.")
    cancel: str = Field(default="", description="The button or link that gives up a login.")
    confirm_logout: str = Field(default="", description="The button or link that confirms a logout.")
    decline_logout: str = Field(default="", description="The button or link that declines a logout.")
    provider: str = Field(default="", description="The button or link that starts a login at the identity provider.")

    @field_validator("*")
    @classmethod
    def _is_css(cls, selector: str, _info: ValidationInfo) -> str:
        try:
            LexborHTMLParser("").css_first(selector or "*")
        except SelectolaxError as error:
            raise PydanticCustomError("css", "a CSS selector such as 'button[name=allow]'") from error
        return selector
