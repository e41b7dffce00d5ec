using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Replay;
using LdcLedger.Ledger.Seals;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Http;

namespace LdcLedger.Web.Api;

/// <summary>What a proof says, and what is wrong with it.</summary>
/// <param name="Wrong">Empty: every hash, and every path to a root, is what it should be. Who signed the checkpoint is for whoever has the
/// key to say: `ldc ledger check-proof`.</param>
public sealed record ProofVerdict(bool Holds, IReadOnlyList<string> Wrong, Guid Event, long? StudyPosition, string? StudyRoot);

/// <summary>What is answered of events.</summary>
internal static class EventsApi
{
    private const int LongestProof = 1 << 20;

    public static async Task<EventsAnswer> ListAsync(View view)
    {
        var limit = (int)(view.Whole("limit", 1, 1000) ?? 100);
        var study = view["study"] is { } named ? await view.StudyIdAsync(named) : (Guid?)null;
        var part = await view.Ledger.EventsAsync(
            study, view["type"], view.Whole("after", 0, long.MaxValue) ?? 0, view.State.Position, limit, view.Cancellation);
        return new([.. part.Items.Select(EventAnswer.Of)], part.Next);
    }

    public static async Task<EventAnswer> ShowAsync(View view) => EventAnswer.Of(await FindAsync(view));

    public static async Task<object> CanonicalAsync(View view)
    {
        var found = await FindAsync(view);
        using var data = JsonDocument.Parse(found.Data);
        return new RawAnswer(CanonicalJson.Of(data.RootElement), "application/octet-stream", $"{found.Id:D}.json");
    }

    public static async Task<object> ProofAsync(View view)
    {
        var found = await FindAsync(view);
        // A bound viewer's proof leads to the root that they were given, and says nothing of what came after.
        var upTo = await LastShownAsync(view, found) ?? view.State.Position;
        var proof = await new Proving(view.Ledger.Store, TimeProvider.System).ProveAsync(found.Id.ToString("D"), upTo, view.Cancellation);
        if (view.Viewer.IsBound)
            proof = proof with { InSeal = null, Checkpoint = null };
        return new RawAnswer(proof.ToJson(), "application/json; charset=utf-8");
    }

    public static async Task<ProofVerdict> CheckAsync(View view)
    {
        if (!view.Request.HasJsonContentType())
            throw new BadQuery("A proof is sent as application/json.");
        using var sent = new MemoryStream();
        await view.Request.Body.CopyToAsync(sent, view.Cancellation);
        if (sent.Length > LongestProof)
            throw new BadQuery("That is longer than any proof.");
        try
        {
            var proof = InclusionProof.Read(sent.ToArray());
            IReadOnlyList<string> wrong = [.. proof.Check()];
            return new(wrong.Count == 0, wrong, proof.Event.Id, proof.InStudy?.Size, proof.InStudy?.Root);
        }
        catch (FormatException none)
        {
            throw new BadQuery($"That is no proof: {none.Message}.");
        }
    }

    /// <summary>The event that the path names, if it is for whoever asks.</summary>
    private static async Task<LedgerEvent> FindAsync(View view)
    {
        var named = view.Part("event");
        var none = new NotThere($"There is no event '{named}'.");
        LedgerEvent found;
        try
        {
            found = await view.Ledger.EventAsync(named, view.State.Position, view.Cancellation);
        }
        catch (RuleViolation refused)
        {
            throw view.Viewer.IsBound ? none : new NotThere(refused.Message);
        }
        if (!view.Viewer.IsBound)
            return found;
        return await LastShownAsync(view, found) is { } last && found.Sequence <= last ? found : throw none;
    }

    /// <summary>
    /// Of a bound viewer: the place in the whole ledger up to which they see the study of an event; -1 where it is not theirs. Null: all.
    /// </summary>
    private static async Task<long?> LastShownAsync(View view, LedgerEvent found)
    {
        if (!view.Viewer.IsBound)
            return null;
        if ((found.Fact as IStudyEvent)?.StudyId is not { } study || study != view.Viewer.Study)
            return -1;
        return view.Viewer.At is { } at
            ? (await view.Ledger.Past.MomentAsync(study, AsOf.At(at), view.Cancellation)).Sequence : view.State.Position;
    }
}
