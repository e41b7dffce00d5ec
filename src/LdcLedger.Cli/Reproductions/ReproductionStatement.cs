using System.Globalization;
using LdcLedger.Domain;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Verification;
using LdcLedger.Worker.Devices;
using LdcLedger.Worker.Reproductions;
using LdcLedger.Worker.Runs;

namespace LdcLedger.Cli.Reproductions;

/// <summary>What was trained again, on which machine, and how it compares: short enough to be cited whole.</summary>
/// <param name="Completed">Completed runs of the study, of which <paramref name="Runs"/> were drawn.</param>
internal sealed record ReproductionStatement(
    StudySummary Study, StudyRoot Root, bool ChainIsIntact, int Completed, int Seed, string Device, IReadOnlyList<RunAgain> Runs)
{
    /// <summary>Differences of one run that are listed.</summary>
    public const int MostShown = 10;

    public bool IsReproduced => ChainIsIntact && Runs.All(run => run.Comparison.IsReproduced);

    public string Text()
    {
        var environment = Machine();
        var same = Runs.Count(run => run.Comparison.IsReproduced);
        IEnumerable<string> lines =
        [
            $"Reproduction of the study \"{Study.Name}\"",
            "",
            $"study     {Study.Id}",
            Invariant($"position  {Root.Position} events, the last of {Root.AsOf.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC"),
            $"root      {Root.Root} (RFC 6962 over their chain hashes)",
            $"chain     {(ChainIsIntact ? "recomputed from the events and intact" : "BROKEN: `ldc ledger verify` says where")}",
            Invariant($"sample    {Runs.Count} of {Plural.Of(Completed, "completed run")}, drawn with seed {Seed} ")
                + Invariant($"(the first by SHA-256 of \"{Seed}/RUN-ID\")"),
            $"machine   {environment.Libtorch} on {environment.Processor}; {environment.OperatingSystem}; {environment.Runtime}; "
                + $"ldc {environment.LdcVersion}",
            $"compared  {Compared()}",
            $"result    {Result(same)}",
            "",
            .. Runs.SelectMany(run => new[]
            {
                $"{run.Recorded.Planned.RunId}  {run.Title}",
                $"    recorded with {Arithmetic(run)}: {run.Outcome}",
            }),
        ];
        return string.Join('\n', lines);
    }

    private static readonly (Quantity Of, string Noun, string Note)[] Kinds =
    [
        (Quantity.Nats, "sum", " of losses (training and held out)"),
        (Quantity.UpdateNorm, "norm", " ||dW||"), (Quantity.WeightNorm, "norm", " ||W||"),
        (Quantity.Count, "count", " (steps, tokens, bytes, shapes)"), (Quantity.Bytes, "file", " by SHA-256"),
    ];

    /// <summary>What was, by kind, so that nobody is told of what was not.</summary>
    private string Compared()
    {
        var kinds = from kind in Kinds
                    let count = Runs.Sum(run => run.Comparison.Compared.GetValueOrDefault(kind.Of))
                    where count > 0
                    select Plural.Of(count, kind.Noun) + kind.Note;
        return $"{Plural.Of(Runs.Sum(run => run.Comparison.Values), "value")}: " + Plural.List([.. kinds])
            + (Runs.All(run => run.Comparison.Tolerance.ComparesBytes) ? ""
                : "; files only where both arithmetics are the same exact one");
    }

    private static string Arithmetic(RunAgain run) =>
        run.Recorded.Arithmetics is { Count: > 0 } known ? string.Join(", ", known) : "unknown arithmetic";

    public object Json() => new
    {
        study = Study.Id,
        Study.Name,
        Root.Position,
        Root.Root,
        ChainIsIntact,
        CompletedRuns = Completed,
        sample = Runs.Count,
        Seed,
        environment = Machine(),
        reproduced = IsReproduced,
        runs = Runs.Select(Json),
    };

    public static object Json(RunAgain run) => new
    {
        run = run.Recorded.Planned.RunId,
        title = run.Title,
        recorded_with = run.Recorded.Arithmetics,
        tolerance = run.Comparison.Tolerance,
        reproduced = run.Comparison.IsReproduced,
        values = run.Comparison.Values,
        largest_deviation = run.Comparison.Largest,
        differences = run.Comparison.Differences,
    };

    private string Result(int same) =>
        same < Runs.Count ? $"{Plural.Of(Runs.Count - same, "run")} of {Runs.Count} DIFFERED from what was recorded"
        : Runs.All(run => run.Comparison.Largest is null) ? "every value is equal in every bit"
        : $"every value agrees {string.Join(" or ", Runs.Select(run => run.Comparison.Tolerance.Words).Distinct())}";

    private WorkerEnvironment Machine() =>
        WorkerIdentity.OfThisProcess().EnvironmentOn(TrainingDevices.Named(Device)[0], Environment.ProcessorCount);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
