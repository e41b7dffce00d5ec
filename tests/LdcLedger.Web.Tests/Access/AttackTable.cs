using System.Globalization;
using System.Reflection;
using Xunit;

namespace LdcLedger.Web.Tests.Access;

/// <summary>
/// What others have tried on dashboards like this one, by number; a test that tries one says so with <c>[Trait("Attack", "11")]</c>.
/// </summary>
public sealed class AttackTable
{
    private static readonly IReadOnlyList<string> Attacks =
    [
        "a name that suddenly means this machine (DNS rebinding)", "a page of another origin that posts", "Sec-Fetch-* misread",
        "a route without a right", "no password by default", "tokens in clear where they are kept", "tokens in logs and addresses",
        "a session that outlives its token", "a role that grows", "a path out of its folder", "a folder that begins like an allowed one",
        "an archive that is unpacked", "an address that the server fetches", "names with markup", "files of others as pages of ours",
        "a table that computes", "LaTeX in names", "SQL in filters", "code in a rule", "what is too large or too many", "slow clients",
        "a flood of failed logins", "a way out after signing in", "an origin that looks like ours", "answers as scripts",
        "a page in a frame", "headers that a proxy would set", "another protocol", "a spec that asks about files",
        "secrets of the environment", "cookies of another port", "the time that a comparison takes",
    ];

    [Fact]
    [Trait("Needs", "nothing")]
    public void Every_attack_is_tried_by_a_test()
    {
        var tried = typeof(AttackTable).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance))
            .Where(method => method.GetCustomAttributes().Any(a => a is FactAttribute))
            .SelectMany(method => method.GetCustomAttributes<TraitAttribute>()).Where(trait => trait.Name == "Attack")
            .Select(trait => int.Parse(trait.Value, CultureInfo.InvariantCulture)).ToHashSet();
        var missing = Enumerable.Range(1, Attacks.Count).Where(number => !tried.Contains(number));
        Assert.Empty(missing.Select(number => $"{number}: {Attacks[number - 1]}"));
        Assert.DoesNotContain(tried, number => number < 1 || number > Attacks.Count);
    }
}
