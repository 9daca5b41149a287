# Writes a fresh configuration into a temporary folder, runs the portal under starman until SIGTERM or SIGINT, and removes
# the folder. One line on standard output says when it is ready.

use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use Getopt::Long;
use HTTP::Tiny;
use IO::Socket::INET;
use POSIX qw(:sys_wait_h);

use lib $FindBin::Bin;
use Configuration;

my $USAGE = <<"USAGE";
usage: start.sh [--port N] [--upstream] [--workers N]

  --port N      listen on 127.0.0.1 at this port (default 8211)
  --upstream    offer login at the OpenID provider http://127.0.0.3:8103 too, which has to run already
  --workers N   processes that answer requests (default 1; several cache sessions apart, see README.md)
USAGE

my %options = ( port => 8211, workers => 1 );
GetOptions( \%options, 'port=i', 'upstream', 'workers=i', 'help' ) && !@ARGV or die_of_usage();
if ( $options{help} ) {
    print $USAGE;
    exit 0;
}
$options{port} > 0 && $options{port} < 65_536 && $options{workers} > 0 or die_of_usage();
my $address = "127.0.0.1:$options{port}";
IO::Socket::INET->new( LocalAddr => $address, Listen => 1, ReuseAddr => 1 )
  or fail("$address cannot be had: $!. Choose another one with --port.");

umask 0077;
delete @ENV{ grep { /_proxy$/i } keys %ENV };    # everything here is on this machine
my $folder = tempdir( 'lemonldap-XXXXXX', TMPDIR => 1, CLEANUP => 1 );
my ( $starman, $stopping );
$SIG{TERM} = $SIG{INT} = sub {
    exit 0 unless $starman;
    $stopping = 1;
    kill 'TERM', $starman;
};
eval { Configuration::write_all( $folder, "http://$address/", upstream => $options{upstream} ); 1 } or fail("$@");

$starman = fork // fail("no process: $!");
if ( !$starman ) {
    open STDOUT, '>&', \*STDERR or die $!;
    $ENV{LLNG_DEFAULTCONFFILE} = "$folder/lemonldap-ng.ini";

    # Without keep-alive: an idle connection would hold a worker for a second.
    exec 'starman', '--listen', $address, '--workers', $options{workers}, '--disable-keepalive', '--env', 'deployment',
      "$FindBin::Bin/portal.psgi";
    die "starman: $!";
}
await_ready() and do { local $| = 1; print "ready http://$address\n" };
waitpid $starman, 0;
fail("the portal ended by itself; its last words are above") unless $stopping;

sub await_ready {
    my $client = HTTP::Tiny->new( timeout => 10, keep_alive => 0 );
    for ( 1 .. 300 ) {
        return 0 if $stopping || waitpid( $starman, WNOHANG );
        my $answer = $client->get("http://$address/.well-known/openid-configuration");
        return 1 if $answer->{success};
        if ( $answer->{status} == 500 ) {
            kill 'TERM', $starman;
            waitpid $starman, 0;
            fail('the portal does not start; LLNG_LOG_LEVEL=debug makes it say more');
        }
        select undef, undef, undef, 0.2;
    }
    return 0;
}

sub die_of_usage {
    print STDERR $USAGE;
    exit 2;
}

sub fail {
    my ($why) = @_;
    chomp $why;
    print STDERR "$why\n";
    exit 2;
}
