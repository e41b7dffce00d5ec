using LdcLedger.Domain;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Rules;
using LdcLedger.Ledger.Rules;
using LdcLedger.Ledger.Tests.Postgres;
using LdcLedger.Ledger.Verification;
using Xunit;

namespace LdcLedger.Ledger.Tests.Rules;

public sealed class LedgerRulesTests(EmptyLedger ledger) : IClassFixture<EmptyLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private LedgerRules Rules => new(ledger.Store, ledger.Writer);

    [Fact]
    public async Task A_rule_is_defined_once_and_other_content_is_its_next_version()
    {
        var mine = AggregationRule.BlockSum with { Name = "versions", Seeds = "median" };
        Assert.Equal((mine, true), await Rules.DefineAsync(mine, Cancellation));
        Assert.Equal((mine, false), await Rules.DefineAsync(mine with { Version = 9 }, Cancellation));
        var (second, isNew) = await Rules.DefineAsync(mine with { Top = 1 }, Cancellation);
        Assert.Equal(("versions@2", true), (second.Reference, isNew));
        Assert.Equal(second, (await Rules.BookAsync(Cancellation)).Find(RuleReference.Parse("versions")));
        Assert.Equal([mine, second], (await Rules.DefinedAsync(Cancellation)).Select(d => d.Rule).Where(r => r.Name == "versions"));
        Assert.True((await ChainVerification.RunAsync(ledger.Store, cancellation: Cancellation)).IsIntact);
    }

    [Fact]
    public async Task Defined_by_many_at_once_every_content_is_one_version()
    {
        var contents = Enumerable.Range(1, 4).Select(top => AggregationRule.BlockRelativeMean with { Name = "many", Top = top }).ToList();
        var defined = await Task.WhenAll(contents.Concat(contents).Select(r => Task.Run(() => Rules.DefineAsync(r, Cancellation))));
        Assert.Equal(4, defined.Count(d => d.IsNew));
        var book = (await Rules.BookAsync(Cancellation)).Versions("many");
        Assert.Equal([1, 2, 3, 4], book.Select(r => r.Version));
        Assert.Equal([1, 2, 3, 4], book.Select(r => r.Top).Order());
        Assert.All(defined, d => Assert.Contains(d.Rule, book));
    }

    [Fact]
    public async Task A_built_in_name_is_refused_and_nothing_is_recorded()
    {
        var before = (await Rules.DefinedAsync(Cancellation)).Count;
        await Assert.ThrowsAsync<RuleViolation>(() => Rules.DefineAsync(AggregationRule.BlockSum with { Top = 9 }, Cancellation));
        Assert.Equal((AggregationRule.BlockSum, false), await Rules.DefineAsync(AggregationRule.BlockSum, Cancellation));
        Assert.DoesNotContain((await Rules.DefinedAsync(Cancellation)).Skip(before), d => d.Rule.IsBuiltIn);
    }

    [Fact]
    public async Task Rules_belong_to_the_ledger_and_to_no_study()
    {
        await Rules.DefineAsync(AggregationRule.BlockSum with { Name = "whose", Epoch = 2 }, Cancellation);
        await using var command = ledger.Store.DataSource.CreateCommand(
            $"select count(*) filter (where correlation_id is not null), count(*) from {ledger.Store.Tables.Events} where stream_id = $1");
        command.Parameters.Add(new() { Value = LedgerIds.Rules });
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        await reader.ReadAsync(Cancellation);
        Assert.Equal(0, reader.GetInt64(0));
        Assert.True(reader.GetInt64(1) > 0);
    }
}
