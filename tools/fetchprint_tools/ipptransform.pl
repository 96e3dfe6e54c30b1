#!/usr/bin/perl
# Stands where ippserver looks for its converter, and runs the packaged /usr/bin/ipptransform.
#
# Quirk tail-lost: ippserver stops reading its converter's output as soon as the converter's
# stderr or stdout is closed, with data still waiting in the pipe. On a busy machine the last
# pages of a document are then missing, in a reply that looks complete. So both pipes are kept
# open here until the server has read all that was written, or has ended.
use strict;
use warnings;

use constant FIONREAD => 0x541B;    # asm-generic/ioctls.h: octets waiting to be read
use constant PAUSE    => 0.005;     # seconds between two looks

my $server    = getppid();
my $converter = fork() // die "ipptransform: fork: $!\n";
if ($converter == 0) {
    exec {'/usr/bin/ipptransform'} 'ipptransform', @ARGV or die "ipptransform: exec: $!\n";
}
$SIG{TERM} = sub { kill 'TERM', $converter };
1 while waitpid($converter, 0) < 0 && $!{EINTR};
my $status = $?;
$SIG{TERM} = 'DEFAULT';

for my $pipe (*STDOUT, *STDERR) {
    next unless -p $pipe;
    while (getppid() == $server) {
        my $count = pack('i', 0);
        ioctl($pipe, FIONREAD, $count) or last;
        last if unpack('i', $count) == 0;
        select(undef, undef, undef, PAUSE);
    }
}

kill $status & 127, $$ if $status & 127;
exit($status >> 8);
