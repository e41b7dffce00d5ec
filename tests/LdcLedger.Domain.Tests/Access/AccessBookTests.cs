using LdcLedger.Domain.Access;
using Xunit;

namespace LdcLedger.Domain.Tests.Access;

public class AccessBookTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid Study = new("5f0bc59d-a460-5f3f-8fb9-a609c2eb1e1c");
    private static readonly AccessBook Empty = AccessBook.Empty;

    [Fact]
    public void A_token_is_in_force_from_its_grant_to_its_revocation_or_end()
    {
        var granted = Empty.Grant("ada", AccessRoles.Reader, "aa11", null, null, Now.AddHours(1), Now);
        var book = AccessBook.Evolve(Empty, granted with { Sha256 = new('a', 64) }, Now);
        Assert.NotNull(book.Find(new('a', 64), Now.AddMinutes(59)));
        Assert.Null(book.Find(new('a', 64), Now.AddHours(1)));
        Assert.Null(book.Find(new('b', 64), Now));
        Assert.Equal("ada", book.FindById(new('a', 16), Now)?.Granted.Name);

        var revoked = AccessBook.Evolve(book, book.Revoke("ada", Now.AddMinutes(1)), Now.AddMinutes(1));
        Assert.Null(revoked.Find(new('a', 64), Now.AddMinutes(2)));
        Assert.Contains("no token 'ada' in force", Assert.Throws<RuleViolation>(() => revoked.Revoke("ada", Now.AddMinutes(2))).Message);
        // Its name is free again.
        Assert.Equal("ada", revoked.Grant("ada", AccessRoles.Operator, "cc33", null, null, null, Now.AddMinutes(3)).Name);
    }

    [Theory]
    [InlineData("ada", "reader", false, null, "There is a token 'ada' already")]
    [InlineData("grace", "admin", false, null, "'admin' is not a known role; allowed are reader, operator")]
    [InlineData("grace", "operator", true, null, "An operator is not bound to a study")]
    [InlineData("grace", "reader", false, 41L, "--at is a position of a study")]
    [InlineData("<b>", "reader", false, null, "'<b>' is no name for a token")]
    [InlineData("", "reader", false, null, "'' is no name for a token")]
    public void What_makes_no_sense_is_refused(string name, string role, bool bound, long? position, string says)
    {
        var book = AccessBook.Evolve(Empty, Empty.Grant("ada", AccessRoles.Reader, new('a', 64), null, null, null, Now), Now);
        var refused = Assert.Throws<RuleViolation>(() => book.Grant(name, role, "bb", bound ? Study : null, position, null, Now));
        Assert.Contains(says, refused.Message);
        Assert.Throws<RuleViolation>(() => book.Grant("late", AccessRoles.Reader, "bb", null, null, Now, Now));
    }
}
