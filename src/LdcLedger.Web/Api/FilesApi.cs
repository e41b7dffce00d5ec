using System.Globalization;
using System.Security.Cryptography;
using LdcLedger.Ledger.Exchange;
using LdcLedger.Ledger.Replay;
using LdcLedger.Ledger.Views;
using LdcLedger.Web.Requests;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Http;

namespace LdcLedger.Web.Api;

/// <summary>What leaves the ledger as a file: a study's events, and what its runs have trained.</summary>
internal sealed class FilesApi(ApiParts parts)
{
    /// <summary>What <c>ldc ledger export</c> writes.</summary>
    public static async Task<object> ExportAsync(View view)
    {
        var id = await view.StudyIdAsync();
        var moment = await view.Ledger.Past.MomentAsync(
            id, view.At ?? AsOf.At(await view.Ledger.PositionAsync(id, view.State.Position, view.Cancellation)), view.Cancellation);
        if (!view.Shows(id, moment.Position))
            throw new NotThere($"There is no study '{view.Part("study")}'.");
        return new StreamedAnswer(async context =>
        {
            var response = context.Response;
            response.ContentType = "application/x-ndjson";
            response.Headers.ContentDisposition = string.Create(
                CultureInfo.InvariantCulture, $"attachment; filename=study-{id:N}-{moment.Position}.jsonl");
            await new LedgerExport(view.Ledger.Store, TimeProvider.System, asTheyStand: true)
                .WriteAsync(response.Body, id, AsOf.At(moment.Position), context.RequestAborted);
        });
    }

    public static async Task<StudyConsistency> ConsistencyAsync(View view)
    {
        var id = await view.StudyIdAsync();
        var (from, to) = (view.Whole("from", 1, long.MaxValue), view.Whole("to", 1, long.MaxValue));
        var now = view.Viewer.At ?? await view.Ledger.PositionAsync(id, view.State.Position, view.Cancellation);
        var (first, last) = (from ?? throw new BadQuery("from is missing: a position of the study."), to ?? now);
        if (!view.Shows(id, Math.Max(first, last)))
            throw new NotThere($"There is no study '{view.Part("study")}'.");
        return await StudyConsistency.OfAsync(
            view.Ledger.Store, await view.Ledger.Past.MomentAsync(id, AsOf.At(first), view.Cancellation),
            await view.Ledger.Past.MomentAsync(id, AsOf.At(last), view.Cancellation), view.Cancellation);
    }

    /// <summary>Only what an event names, and only as long as it is what the event says.</summary>
    public async Task<object> ArtifactAsync(View view)
    {
        var sha256 = view.Part("sha256");
        var none = new NotThere($"No event names a file '{sha256}'.");
        if (sha256.Length != 64 || !sha256.All(char.IsAsciiHexDigitLower))
            throw none;
        var named = await view.Ledger.ArtifactAsync(sha256, view.State.Position, view.Cancellation) ?? throw none;
        if (view.Viewer.IsBound && (await view.LastShownAsync(named.Event) is not { } last || named.Event.Sequence > last))
            throw none;
        if (parts.Artifact(sha256) is not { } path)
            throw new NotThere(
                $"Event {named.Event.Id} names this file, and it is not on this machine: LDC_ARTIFACTS names the folder that all share.");
        var file = File.OpenRead(path);
        if (Convert.ToHexStringLower(await SHA256.HashDataAsync(file, view.Cancellation)) != sha256)
        {
            await file.DisposeAsync();
            throw new RequestRefused(StatusCodes.Status409Conflict, "not-what-it-says", "Not what it says",
                $"The file on this machine is not the one that event {named.Event.Id} names: its content has another SHA-256.");
        }
        file.Position = 0;
        return new StreamedAnswer(context => Results.Stream(file, named.ContentType, named.FileName).ExecuteAsync(context));
    }
}
