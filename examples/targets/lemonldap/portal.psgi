# The portal, and the style sheets and pictures that a web server would serve beside it.
use Plack::Builder;
use Lemonldap::NG::Portal::Main;

# A worker that cannot load it would be started again and again.
my $portal = eval { Lemonldap::NG::Portal::Main->run( {} ) };
if ( !$portal ) {
    print STDERR $@;
    kill 'TERM', getppid;
    exit 1;
}

builder {
    enable 'Plack::Middleware::Static', path => qr{^/static/}, root => '/usr/share/lemonldap-ng/portal/htdocs';
    $portal;
};
