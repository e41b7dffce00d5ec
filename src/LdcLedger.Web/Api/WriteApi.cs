using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Verification;
using LdcLedger.Specs.Plans;
using LdcLedger.Web.Requests;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Http;

namespace LdcLedger.Web.Api;

/// <summary>
/// What whoever writes holds in their hands: by its chain hash it can be shown later that the request was taken. Asked again, the same.
/// </summary>
/// <param name="EventIds">The events that say so; none of what is there without any, such as a built-in rule.</param>
/// <param name="Position">Place in the whole ledger of the last of them: what `wait` takes.</param>
/// <param name="StudyPosition">Position of the study at it; null: it is of no study.</param>
/// <param name="ChainHash">Of the last of them.</param>
/// <param name="Command">The same by command.</param>
/// <param name="Says">The command line's sentence.</param>
public sealed record ReceiptAnswer(
    IReadOnlyList<Guid> EventIds, long Position, long? StudyPosition, string? ChainHash, string Command, string Says)
{
    internal static object Of(View view, Asked asked)
    {
        var receipt = asked.Receipt is { } r
            ? new ReceiptAnswer(
                [.. r.Events.Select(e => e.Id)], r.Last.Sequence, r.StudyPosition, r.Last.Chain, asked.Command, asked.Says)
            : new([], view.State.Last, null, null, asked.Command, asked.Says);
        return new PlacedAnswer(asked.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK, asked.Place, receipt);
    }
}

/// <param name="Reason">Is recorded; without it: requested by a user.</param>
public sealed record ReasonBody(string? Reason = null);

/// <param name="Rule">NAME (its newest version) or NAME@VERSION.</param>
public sealed record ExtendBody(string? Rule = null);

/// <param name="Rule">The text of a file that `ldc rules add` takes.</param>
public sealed record RuleBody(string? Rule = null);

/// <param name="Spec">The text of a study's YAML file; its paths from / on.</param>
/// <param name="Fresh">Start over, even if the same study is in the ledger.</param>
public sealed record SubmitBody(string? Spec = null, bool Fresh = false);

/// <param name="Spec">The text of a study's YAML file.</param>
public sealed record SpecBody(string? Spec = null);

/// <summary>A spec that is valid as far as it can be told without its files.</summary>
/// <param name="NotChecked">Its paths, none of which was looked at.</param>
public sealed record SpecAnswer(StudySpec Spec, RunCounts Runs, string Rule, IReadOnlyList<string> NotChecked);

/// <param name="Kind">edited, missing, added, order, ...</param>
public sealed record DifferenceAnswer(string Kind, Guid? Stream, long? Version, string Field, string What, string? Type);

/// <param name="Status">running, intact, differs or failed.</param>
/// <param name="By">Whose token asked for it.</param>
/// <param name="Events">How many have been looked at.</param>
/// <param name="Total">How many there are, about.</param>
/// <param name="Differences">The first of what it found; empty while it runs.</param>
/// <param name="Count">How many it found in all; null while it runs.</param>
/// <param name="Sealed">Up to where the ledger is sealed.</param>
/// <param name="Why">Why it failed.</param>
public sealed record VerificationAnswer(
    int Number, string Status, string By, DateTimeOffset Began, DateTimeOffset? Ended, long Events, long Total,
    IReadOnlyList<DifferenceAnswer> Differences, int? Count, SealedPart? Sealed, string? Why)
{
    private const int MostDifferences = 1_000;

    public static VerificationAnswer Of(LedgerVerification v) => new(
        v.Number, v.Status switch
        {
            VerificationStatus.Running => "running",
            VerificationStatus.Intact => "intact",
            VerificationStatus.Differs => "differs",
            VerificationStatus.Failed => "failed",
        },
        v.By, v.Began, v.Ended, v.Events, v.Of,
        [.. (v.Found?.Differences ?? []).Take(MostDifferences)
            .Select(d => new DifferenceAnswer(d.Name, d.Stream, d.Version, d.Field, d.What, d.Type))],
        v.Found?.Differences.Count, v.Found?.Sealed, v.Why);
}

/// <summary>What an operator asks for over the API, and what is only looked at.</summary>
internal sealed class WriteApi(ApiParts parts)
{
    public static async Task<Asked> CancelAsync(View view) =>
        await StudyRequests.CancelAsync(view, (await ApiBody.ReadAsync<ReasonBody>(view)).Reason);

    public static async Task<Asked> ExtendAsync(View view) =>
        await StudyRequests.ExtendAsync(view, (await ApiBody.ReadAsync<ExtendBody>(view)).Rule);

    public static async Task<Asked> RetryAsync(View view) =>
        await StudyRequests.RetryAsync(view, (await ApiBody.ReadAsync<ReasonBody>(view)).Reason);

    public static async Task<Asked> DefineAsync(View view) =>
        await LedgerRequests.DefineAsync(view, (await ApiBody.ReadAsync<RuleBody>(view)).Rule, view.Part("rule"));

    public Task<Asked> SealAsync(View view) => LedgerRequests.SealAsync(view, parts.SealKeys());

    public async Task<Asked> SubmitAsync(View view)
    {
        var sent = await ApiBody.ReadAsync<SubmitBody>(view);
        return await parts.Specs.SubmitAsync(view, sent.Spec, sent.Fresh);
    }

    public static async Task<SpecAnswer> ValidateAsync(View view)
    {
        var file = await SpecRequests.ReadAsync(view, (await ApiBody.ReadAsync<SpecBody>(view)).Spec);
        var outline = SpecOutline.Of(file);
        return new(file.Spec, outline.Runs, outline.Rule, outline.NotChecked);
    }

    public static async Task<SpecOutline> PlanAsync(View view) =>
        SpecOutline.Of(await SpecRequests.ReadAsync(view, (await ApiBody.ReadAsync<SpecBody>(view)).Spec));

    public async Task<object> VerifyAsync(View view)
    {
        await Precondition.CheckAsync(view, null);
        var (begun, _) = await parts.Verifications.BeginAsync(view.Viewer.Name, view.Cancellation);
        return new PlacedAnswer(
            StatusCodes.Status202Accepted, FormattableString.Invariant($"/ledger/verifications/{begun.Number}"),
            VerificationAnswer.Of(begun));
    }

    public Task<VerificationAnswer> VerificationAsync(View view)
    {
        var named = view.Part("verification");
        return Task.FromResult(VerificationAnswer.Of(long.TryParse(named, out var number) && parts.Verifications.Find(number) is { } found
            ? found : throw new NotThere($"There is no verification {named}; the last few are kept as long as this process.")));
    }
}
