package Configuration;

# The configuration of the portal: `write_all` puts it, the users and the folders for sessions below one folder.

use strict;
use warnings;
use Crypt::OpenSSL::RSA;
use Crypt::URandom qw(urandom);
use DBI;
use File::Path qw(make_path);
use HTTP::Tiny;
use JSON qw(decode_json encode_json);

my $PAGES    = '/usr/share/lemonldap-ng/portal/templates';
my $UPSTREAM = 'http://127.0.0.3:8103';

sub write_all {
    my ( $folder, $issuer, %options ) = @_;
    make_path( map { "$folder/$_" } qw(conf cache sessions/lock psessions/lock) );
    write_users("$folder/users.sqlite");
    write_pages("$folder/templates");
    my %all = ( portal( $folder, $issuer ), clients(), $options{upstream} ? upstream() : () );
    write_file( "$folder/conf/lmConf-1.json", encode_json( \%all ) );
    write_file( "$folder/lemonldap-ng.ini",   local_settings($folder) );
    return;
}

# What the package's own first configuration and lemonldap-ng.ini say, in other folders and for this address; and the
# users from a database.
sub portal {
    my ( $folder, $issuer ) = @_;
    my $key = Crypt::OpenSSL::RSA->generate_key(2048);
    return (
        cfgNum    => 1,
        cfgAuthor => 'sessionproof',
        cfgDate   => time,
        portal    => $issuer,
        domain    => '127.0.0.1',
        key       => unpack( 'H*', urandom(16) ),

        authentication      => 'DBI',
        userDB              => 'Same',
        passwordDB          => 'Null',
        registerDB          => 'Null',
        dbiAuthChain        => "dbi:SQLite:dbname=$folder/users.sqlite",
        dbiAuthTable        => 'users',
        dbiAuthLoginCol     => 'uid',
        dbiAuthPasswordCol  => 'password',
        dbiAuthPasswordHash => q(),
        dbiExportedVars     => { uid => 'uid', cn => 'cn', mail => 'mail' },
        exportedVars        => {},
        locationRules       => { '127.0.0.1' => { default => 'accept' } },

        macros => {
            UA           => '$ENV{HTTP_USER_AGENT}',
            _whatToTrace => q($_auth eq 'SAML' ? lc($_user.'@'.$_idpConfKey) :)
              . q( $_auth eq 'OpenIDConnect' ? lc($_user.'@'.$_oidc_OP) : lc($_user)),
        },
        whatToTrace         => '_whatToTrace',
        loginHistoryEnabled => 1,

        globalStorage        => 'Apache::Session::File',
        globalStorageOptions => {
            Directory      => "$folder/sessions",
            LockDirectory  => "$folder/sessions/lock",
            generateModule => 'Lemonldap::NG::Common::Apache::Session::Generate::SHA256',
        },
        persistentStorage          => 'Apache::Session::File',
        persistentStorageOptions   => { Directory => "$folder/psessions", LockDirectory => "$folder/psessions/lock" },
        localSessionStorage        => 'Cache::FileCache',
        localSessionStorageOptions => file_cache( $folder, 'lemonldap-ng-sessions' ),

        issuerDBOpenIDConnectActivation => 1,
        oidcServiceIgnoreScopeForClaims => 1,
        oidcServicePrivateKeySig        => $key->get_private_key_string,
        oidcServicePublicKeySig         => $key->get_public_key_x509_string,
        oidcServiceKeyIdSig             => unpack( 'H*', urandom(8) ),
    );
}

sub clients {
    my ( %options, %claims );
    for my $client (qw(shop outlet)) {
        $options{$client} = {
            oidcRPMetaDataOptionsClientID               => $client,
            oidcRPMetaDataOptionsClientSecret           => secret( uc($client) . '_SECRET' ),
            oidcRPMetaDataOptionsDisplayName            => ucfirst $client,
            oidcRPMetaDataOptionsRedirectUris           => "http://$client.test/callback",
            oidcRPMetaDataOptionsPostLogoutRedirectUris => "http://$client.test/logged-out",
            oidcRPMetaDataOptionsIDTokenSignAlg         => 'RS256',
            oidcRPMetaDataOptionsRefreshToken           => 1,
        };
        $claims{$client} = { preferred_username => 'uid', name => 'cn', email => 'mail' };
    }
    return ( oidcRPMetaDataOptions => \%options, oidcRPMetaDataExportedVars => \%claims );
}

# The choice between the password form and the provider. Its metadata and keys are part of the configuration, as if an
# administrator had pasted them: it has to be there already.
sub upstream {
    my $metadata = fetch("$UPSTREAM/.well-known/openid-configuration");
    my $keys     = fetch( decode_json($metadata)->{jwks_uri} );
    return (
        authentication    => 'Choice',
        userDB            => 'Choice',
        authChoiceModules => { '1_Password' => 'DBI;DBI;Null', '2_Facelog' => 'OpenIDConnect;OpenIDConnect;Null' },

        oidcOPMetaDataJSON    => { facelog => $metadata },
        oidcOPMetaDataJWKS    => { facelog => $keys },
        oidcOPMetaDataOptions => {
            facelog => {
                oidcOPMetaDataOptionsDisplayName             => 'Facelog',
                oidcOPMetaDataOptionsClientID                => 'server-at-idp',
                oidcOPMetaDataOptionsClientSecret            => secret('UPSTREAM_SECRET'),
                oidcOPMetaDataOptionsScope                   => 'openid profile',
                oidcOPMetaDataOptionsTokenEndpointAuthMethod => 'client_secret_basic',
                oidcOPMetaDataOptionsCheckJWTSignature       => 1,
                oidcOPMetaDataOptionsUseNonce                => 1,
                oidcOPMetaDataOptionsIDTokenMaxAge           => 30,
            },
        },
        oidcOPMetaDataExportedVars => { facelog => { uid => 'preferred_username', cn => 'name', mail => 'email' } },
    );
}

sub local_settings {
    my ($folder) = @_;
    my $cache = join ', ', map { "'$_->[0]' => '$_->[1]'" } pairs( file_cache( $folder, 'lemonldap-ng-config' ) );
    return <<"INI";
[all]
logLevel = @{[ $ENV{LLNG_LOG_LEVEL} // 'warn' ]}
checkTime = 1

[configuration]
type = File
dirName = $folder/conf
localStorage = Cache::FileCache
localStorageOptions = { $cache }

[portal]
staticPrefix = /static
templateDir = $folder/templates
languages = en, fr, vi, it, ar, de, fi, tr, pl, zh_TW, es, pt_BR, he

[handler]
status = 0
useRedirectOnError = 1
INI
}

sub file_cache {
    my ( $folder, $namespace ) = @_;
    return {
        namespace          => $namespace,
        default_expires_in => 600,
        directory_umask    => '007',
        cache_root         => "$folder/cache",
        cache_depth        => 3,
    };
}

sub write_users {
    my ($file) = @_;
    my $users = DBI->connect( "dbi:SQLite:dbname=$file", '', '', { RaiseError => 1 } );
    $users->do('CREATE TABLE users (uid TEXT PRIMARY KEY, password TEXT, cn TEXT, mail TEXT)');
    for my $uid (qw(alice bob)) {
        $users->do( 'INSERT INTO users VALUES (?, ?, ?, ?)',
            undef, $uid, secret( uc($uid) . '_PASSWORD' ), ucfirst $uid, "$uid\@example.test" );
    }
    $users->disconnect;
    return;
}

# The package's pages, all but one: its page with a question (consent, logout) tells "Refuse" from "Accept" by a script, and
# without scripts both mean yes. Here each button has the name and the value that the script would have sent.
sub write_pages {
    my ($folder) = @_;
    make_path("$folder/bootstrap");
    for my $file ( glob("$PAGES/*/*.tpl"), glob("$PAGES/common/*") ) {
        my $here = $folder . substr $file, length $PAGES;
        ( my $parent = $here ) =~ s{/[^/]+$}{};
        make_path($parent);
        -e $here || $here =~ m{/bootstrap/confirm[.]tpl$} || symlink $file, $here or next;
    }
    my $page  = read_file("$PAGES/bootstrap/confirm.tpl");
    my $stamp = '<TMPL_VAR NAME="CONFIRMKEY">';
    $page =~ s{<input type="hidden" id="confirm" name="confirm" value="$stamp" />}{}
      && $page =~ s{<button type="submit" (?=class="positive)}{<button type="submit" name="confirm" value="$stamp" }
      && $page =~ s{ val="-$stamp"}{ name="confirm" value="-$stamp"}
      or die "$PAGES/bootstrap/confirm.tpl is not the page that this target was written for\n";
    write_file( "$folder/bootstrap/confirm.tpl", $page );
    return;
}

sub secret {
    my ($name) = @_;
    return $ENV{"SESSIONPROOF_$name"} || die "set SESSIONPROOF_$name, or start this by ./start.sh\n";
}

# Waits for the provider for twenty seconds.
sub fetch {
    my ($url) = @_;
    my $answer;
    for ( 1 .. 40 ) {
        $answer = HTTP::Tiny->new( timeout => 5 )->get($url);
        return $answer->{content} if $answer->{success};
        select undef, undef, undef, 0.5;
    }
    my $why = $answer->{status} == 599 ? $answer->{content} : "$answer->{status} $answer->{reason}";
    $why =~ s/\s+\z//;
    die "the upstream provider has to run already, and does not answer at $url: $why\n";
}

sub pairs {
    my ($hash) = @_;
    return map { [ $_, $hash->{$_} ] } sort keys %$hash;
}

sub read_file {
    my ($file) = @_;
    open my $in, '<', $file or die "$file: $!\n";
    local $/ = undef;
    return scalar <$in>;
}

sub write_file {
    my ( $file, $text ) = @_;
    open my $out, '>', $file or die "$file: $!\n";
    print {$out} $text;
    close $out or die "$file: $!\n";
    return;
}

1;
