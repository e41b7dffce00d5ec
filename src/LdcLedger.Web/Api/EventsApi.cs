using System.Text.Json;
using LdcLedger.Ledger.Chain;
using LdcLedger.Web.Requests;
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

    public static async Task<EventAnswer> ShowAsync(View view) => EventAnswer.Of((await view.EventAsync()).Event);

    public static async Task<object> CanonicalAsync(View view)
    {
        var found = (await view.EventAsync()).Event;
        using var data = JsonDocument.Parse(found.Data);
        return new RawAnswer(CanonicalJson.Of(data.RootElement), "application/octet-stream", $"{found.Id:D}.json");
    }

    public static async Task<object> ProofAsync(View view)
    {
        var (proof, why) = await view.ProofAsync(await view.EventAsync());
        return new RawAnswer(
            (proof ?? throw new RequestRefused(StatusCodes.Status409Conflict, "no-proof", "No proof", why!)).ToJson(),
            "application/json; charset=utf-8");
    }

    public static async Task<ProofVerdict> CheckAsync(View view)
    {
        if (!view.Request.HasJsonContentType())
            throw new BadQuery("A proof is sent as application/json.");
        var sent = await view.SentAsync();
        if (sent.Length > LongestProof)
            throw new BadQuery("That is longer than any proof.");
        try
        {
            var proof = InclusionProof.Read(sent);
            IReadOnlyList<string> wrong = [.. proof.Check()];
            return new(wrong.Count == 0, wrong, proof.Event.Id, proof.InStudy?.Size, proof.InStudy?.Root);
        }
        catch (FormatException none)
        {
            throw new BadQuery($"That is no proof: {none.Message}.");
        }
    }
}
