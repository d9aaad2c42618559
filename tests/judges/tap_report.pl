# Reads a TAP document from the standard input as `prove` does, and says each test and every problem.

use strict;
use warnings;
use TAP::Parser;

my $document = do { local $/; <STDIN> };
my $parser = TAP::Parser->new({ tap => $document });
while (my $line = $parser->next) {
    next unless $line->is_test;
    print join("\t", $line->is_actual_ok ? "ok" : "not ok", $line->description =~ s/^- //r, $line->directive), "\n";
}
# Perls before 5.40 read version 14, and say that they do not know it.
print "problem\t$_\n" for grep { !/version 14/ } $parser->parse_errors;
