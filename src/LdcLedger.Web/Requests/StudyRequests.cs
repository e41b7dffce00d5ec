using LdcLedger.Domain.Events;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.Rules;
using LdcLedger.Ledger.Runs;
using LdcLedger.Ledger.Studies;
using LdcLedger.Ledger.Views;
using LdcLedger.Specs;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Http;

namespace LdcLedger.Web.Requests;

/// <summary>
/// What an operator asks of a study or a run: what <c>ldc study cancel</c>, <c>ldc study extend --submit</c> and <c>ldc run retry</c> do.
/// The name of the operator's token is recorded with it.
/// </summary>
internal static class StudyRequests
{
    private const int LongestReason = 1_000;

    /// <param name="reason">Null or empty: that of somebody who gives none.</param>
    public static async Task<Asked> CancelAsync(View view, string? reason)
    {
        var study = await view.StudyIdAsync();
        await Precondition.CheckAsync(view, study);
        var why = ReasonOf(reason);
        var cancelling = await new StudySubmission(view.Ledger.Store, Asked.Writer(view))
            .CancelAsync(study, why, view.Cancellation, view.Viewer.Name);
        var request = cancelling.Request ?? throw new RequestRefused(
            StatusCodes.Status409Conflict, "has-ended", "It has ended", $"{cancelling.Describe()}, and there is nothing to cancel.");
        return await Asked.OfAsync(
            view, cancelling.IsNew, EventIds.Of(request), cancelling.Describe(),
            $"ldc study cancel {NameBasedGuid.Short(study)} --reason {ShellWord.Of(request.Reason)}", $"/studies/{study:D}");
    }

    /// <summary>A study that extends is left to whoever drives it, as with <c>--submit</c>.</summary>
    /// <param name="rule">NAME or NAME@VERSION.</param>
    public static async Task<Asked> ExtendAsync(View view, string? rule)
    {
        var study = await view.StudyIdAsync();
        await Precondition.CheckAsync(view, study);
        return await ExtendAsync(view, study, RuleNames.Find(
            await view.BookAsync(), rule is { Length: > 0 } ? rule : throw new BadQuery("rule is missing: NAME, or NAME@VERSION.")));
    }

    /// <summary>Defines a rule that was tried, where the ledger has none that says the same, and extends a study by it.</summary>
    /// <param name="text">The file that <c>ldc rules add</c> takes.</param>
    public static async Task<Asked> DefineAndExtendAsync(View view, string? text)
    {
        var study = await view.StudyIdAsync();
        var rule = LedgerRequests.RuleOf(text);
        var (tried, isNew) = (await view.BookAsync()).Define(rule);
        return await ExtendAsync(view, study, tried, isNew ? rule : null);
    }

    /// <param name="toDefine">What the rule is defined by first; null: the ledger has it.</param>
    private static async Task<Asked> ExtendAsync(View view, Guid study, AggregationRule named, AggregationRule? toDefine = null)
    {
        // Before anything is recorded: a run whose model or corpus nobody sees would only fail, and a rule stays for ever.
        var submission = new StudySubmission(view.Ledger.Store, Asked.Writer(view));
        await submission.CheckExtensionAsync(study, named, view.Cancellation);
        var inputs = RuleInputs.Of(await view.Ledger.FactsAsync(study, [named], StudyDepth.All, view.Cancellation), named);
        var note = await new InputSightings(view.Ledger.Store, TimeProvider.System)
            .CheckAsync(inputs.Models, inputs.Domains, view.Cancellation);
        if (toDefine is not null)
            (named, _) = await new LedgerRules(view.Ledger.Store, Asked.Writer(view))
                .DefineAsync(toDefine, view.Cancellation, view.Viewer.Name);
        var extension = await submission.ExtendAsync(study, named, view.Cancellation, view.Viewer.Name);
        // A rule that says the same may be there under another name; what says so of the study's own is its submission.
        var known = extension.Study.Rules.First(r => r.Hash == named.Hash);
        var id = known == extension.Study.Submitted.Rule
            ? EventIds.Of(extension.Study.Submitted) : EventIds.Of(new StudyExtended(study, known, []));
        return await Asked.OfAsync(
            view, extension.IsNew, id, extension.IsNew && note is not null ? $"{extension.Describe()}. {note}" : extension.Describe(),
            $"ldc study extend {NameBasedGuid.Short(study)} --rule {named.Reference}{(note is null ? " --submit" : "")}",
            $"/studies/{study:D}");
    }

    /// <param name="reason">Null or empty: that of somebody who gives none.</param>
    public static async Task<Asked> RetryAsync(View view, string? reason)
    {
        var run = await view.RunAsync(history: false);
        await Precondition.CheckAsync(view, run.Run.StudyId);
        var retrying = await new RunRequests(view.Ledger.Store, Asked.Writer(view))
            .RetryAsync(run.Run.Id, ReasonOf(reason), view.Cancellation, view.Viewer.Name);
        return await Asked.OfAsync(
            view, retrying.IsNew, EventIds.Of(retrying.Request), retrying.Describe(),
            $"ldc run retry {NameBasedGuid.Short(run.Run.Id)} --reason {ShellWord.Of(retrying.Request.Reason)}", $"/runs/{run.Run.Id:D}");
    }

    private static string ReasonOf(string? reason) => (reason ?? "").Trim() switch
    {
        "" => RunRequests.UsualReason,
        { Length: > LongestReason } text =>
            throw new BadQuery($"reason has {text.Length} letters; it is a sentence of at most {LongestReason}."),
        var text when text.Any(char.IsControl) => throw new BadQuery("reason holds a line break or another control character."),
        var text => text,
    };
}
