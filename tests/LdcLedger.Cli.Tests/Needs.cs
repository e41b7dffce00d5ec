using Xunit;

// What `infra/test.sh --fast` leaves out; a class that starts no process says so with [Trait("Needs", "nothing")].
[assembly: Trait("Needs", "processes")]
