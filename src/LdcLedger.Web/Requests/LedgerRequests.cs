using LdcLedger.Domain.Events;
using LdcLedger.Domain.Rules;
using LdcLedger.Ledger.Rules;
using LdcLedger.Ledger.Seals;
using LdcLedger.Ledger.Settings;
using LdcLedger.Specs;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Http;

namespace LdcLedger.Web.Requests;

/// <summary>What an operator asks of the ledger itself: what <c>ldc ledger seal</c> and <c>ldc rules add</c> do.</summary>
internal static class LedgerRequests
{
    public static async Task<Asked> SealAsync(View view, SealKeys keys)
    {
        await Precondition.CheckAsync(view, null);
        try
        {
            var seal = await new Sealing(view.Ledger.Store, Asked.Writer(view), keys, TimeProvider.System).SealAsync(view.Cancellation);
            return await Asked.OfAsync(
                view, seal.IsNew, EventIds.Of(seal.Fact), seal.MadeKey is { } made ? $"{seal.Describe()}. {made}" : seal.Describe(),
                "ldc ledger seal", "/ledger/seals");
        }
        catch (Exception refused) when (refused is SealRefused or SettingRefused)
        {
            throw new RequestRefused(StatusCodes.Status409Conflict, "seal-refused", "Not sealed", refused.Message);
        }
    }

    /// <summary>The same content is there already, which is no error; other content under the same name is the next version.</summary>
    /// <param name="text">The file that <c>ldc rules add</c> takes.</param>
    /// <param name="name">That it must have; null: any.</param>
    public static async Task<Asked> DefineAsync(View view, string? text, string? name)
    {
        await Precondition.CheckAsync(view, null);
        var rule = RuleOf(text);
        if (name is not null && rule.Name != name)
            throw new BadQuery($"The address names rule '{name}', and the text rule '{rule.Name}'; they are the same.");
        var (defined, isNew) = await new LedgerRules(view.Ledger.Store, Asked.Writer(view))
            .DefineAsync(rule, view.Cancellation, view.Viewer.Name);
        var says = isNew ? RuleWords.Definition(defined) : $"rule {defined.Reference} says this already; nothing was added.";
        var (command, place) = ("ldc rules add FILE", $"/rules/{defined.Reference}");
        return defined.IsBuiltIn ? new(false, null, says, command, place)
            : await Asked.OfAsync(view, isNew, EventIds.Of(new AggregationRuleDefined(defined)), says, command, place);
    }

    /// <exception cref="BadQuery">There is no text.</exception>
    /// <exception cref="InvalidSpecException">It is no rule.</exception>
    internal static AggregationRule RuleOf(string? text) => RuleFile.Parse(
        "rule", text is { Length: > 0 } ? text : throw new BadQuery("rule is missing: the text of a file that `ldc rules add` takes."));
}
