using Xunit;

// What `infra/test.sh --fast` leaves out; a class that needs no server says so with [Trait("Needs", "nothing")].
[assembly: Trait("Needs", "servers")]
