using LdcLedger.Domain.Events;
using LdcLedger.Ledger.Runs;
using LdcLedger.Ledger.Studies;
using LdcLedger.Ledger.Telemetry;
using LdcLedger.Specs;
using LdcLedger.Specs.Resolution;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Http;

namespace LdcLedger.Web.Requests;

/// <summary>
/// A spec that is sent: read, and, where its paths lead to nothing but what specs over HTTP may lead to, submitted. What is said of its
/// models and corpora names their paths as they were sent, and nothing that stands in them.
/// </summary>
internal sealed class SpecRequests(Func<SpecRoots> roots) : IDisposable
{
    private const string Name = "spec";

    // Hashing models takes a disk and a core; whoever trains here needs both.
    private readonly SemaphoreSlim _one = new(1);

    // What is said of these is of numbers that the ledger keeps of a study anyway; of a path or a tokenizer it could be of its content.
    private static readonly IReadOnlySet<string> OfNumbers = new HashSet<string>
    {
        "lora.rank", "stage2.top", "data.length", "evaluation.length", "training.base", "training.warmup", "stage2.rule",
    };

    /// <exception cref="InvalidSpecException">With every finding.</exception>
    public static async Task<SpecFile> ReadAsync(View view, string? text) => SpecFile.Parse(
        text is { Length: > 0 } ? text : throw new BadQuery("spec is missing: the text of a file that `ldc study submit` takes."),
        Name, await view.BookAsync());

    public async Task<Asked> SubmitAsync(View view, string? text, bool fresh)
    {
        var allowed = roots();
        if (allowed.IsEmpty)
            throw new RequestRefused(StatusCodes.Status403Forbidden, "no-spec-roots", "Not over HTTP",
                $"No spec is taken over HTTP here: {SpecRoots.Setting} names the folders that its paths may lead to, and is not set. "
                + "On a machine of the cluster: ldc study submit SPEC");
        await Precondition.CheckAsync(view, null);
        var file = Whole(await ReadAsync(view, text), allowed);
        if (!await _one.WaitAsync(TimeSpan.Zero, view.Cancellation))
            throw new RequestRefused(
                StatusCodes.Status429TooManyRequests, "one-at-a-time", "One at a time", "Another spec is being looked at; try again soon.");
        try
        {
            var study = await Task.Run(() => Resolved(file, view.Cancellation), view.Cancellation);
            var note = await new InputSightings(view.Ledger.Store, TimeProvider.System)
                .CheckAsync(study.Models, study.Domains, view.Cancellation);
            var submission = await new StudySubmission(view.Ledger.Store, Asked.Writer(view)).SubmitAsync(
                study.File.Spec, study.Models, study.Domains, study.File.Rule, fresh, view.Cancellation, view.Viewer.Name);
            StudyTrace.Start("submit", submission.StudyId)?.Dispose();
            var says = submission.IsNew && note is not null ? $"{submission.Describe()}. {note}" : submission.Describe();
            return await Asked.OfAsync(
                view, submission.IsNew, EventIds.Of(submission.Study.Submitted), says, $"ldc study submit SPEC{(fresh ? " --fresh" : "")}",
                $"/studies/{submission.StudyId:D}");
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    /// <summary>Its paths without detours, each leading to where it may.</summary>
    private static SpecFile Whole(SpecFile file, SpecRoots roots)
    {
        var findings = new List<SpecFinding>();
        var spec = file.Spec with
        {
            Models = [.. file.Spec.Models.Select((m, i) => m with { Path = PathOf($"models[{i}].path", m.Path) })],
            Domains = [.. file.Spec.Domains.Select((d, i) => d with { Path = PathOf($"domains[{i}].path", d.Path) })],
        };
        return findings.Count == 0 ? file with { Spec = spec } : throw new InvalidSpecException(file.Path, findings);

        string PathOf(string place, string path)
        {
            if (!Path.IsPathFullyQualified(path))
                findings.Add(file.At(place,
                    $"{place} is '{path}'; a spec that is sent lies in no folder, and names files by their whole paths, from / on"));
            else if (!roots.Allow(Path.GetFullPath(path)))
                findings.Add(file.At(place, $"{place}: {SpecRoots.Sentence(path)}"));
            else
                return Path.GetFullPath(path);
            return path;
        }
    }

    private static ResolvedStudy Resolved(SpecFile file, CancellationToken cancellation)
    {
        try
        {
            return StudyResolution.Of(file, cancellation);
        }
        catch (InvalidSpecException found)
        {
            var places = file.Places.ToLookup(p => p.Value, p => p.Key);
            throw new InvalidSpecException(
                file.Path, [.. found.Findings.Select(finding => Bare(file, finding, [.. places[(finding.Line, finding.Column)]]))]);
        }
    }

    private static SpecFinding Bare(SpecFile file, SpecFinding finding, IReadOnlyList<string> places)
    {
        if (places.Any(OfNumbers.Contains))
            return finding;
        var named = file.Spec.Models.Select((m, i) => (Place: $"models[{i}].path", What: "model", m.Name, m.Path))
            .Concat(file.Spec.Domains.Select((d, i) => (Place: $"domains[{i}].path", What: "corpus", d.Name, d.Path)))
            .FirstOrDefault(input => places.Contains(input.Place));
        return new(finding.Line, finding.Column,
            $"{(named.Path is null ? "this" : $"{named.Place}: the {named.What} {named.Name} at \"{named.Path}\"")} cannot be used; "
            + "`ldc study validate SPEC` on the server says why");
    }
}
