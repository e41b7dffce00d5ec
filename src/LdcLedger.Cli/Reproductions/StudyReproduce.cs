using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Studies;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Verification;

namespace LdcLedger.Cli.Reproductions;

/// <summary>
/// <c>ldc study reproduce STUDY --sample N --seed S</c>: trains a random sample of a study's runs again, and states the result.
/// </summary>
internal static class StudyReproduce
{
    private static readonly Option<int> Sample = new("--sample")
    {
        Description = "How many of the completed runs are trained again (default: 3).",
        HelpName = "N",
        DefaultValueFactory = _ => 3,
    };
    private static readonly Option<int> Seed = new("--seed")
    {
        Description = "Which: the same seed draws the same runs (default: 1).",
        HelpName = "S",
        DefaultValueFactory = _ => 1,
    };
    private static readonly Option<string?> Out = new("--out")
    {
        Description = "File that the statement is written to as well.",
        HelpName = "FILE",
    };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() => new(
        "reproduce",
        """
        Train a random sample of a study's runs again and state how they compare.
        The statement names the sample, the machine, the result and the study's position and root: a paper can cite it.
        Exit code 1: a value differs, or the chain of the study's events is broken.
        """,
        Run, StudyShow.Study, Sample, Seed, StudyRun.Device, Places.Models, Places.Domains, Out, Json)
    {
        Examples = ["ldc study reproduce demo --sample 5 --seed 2026 --out reproduction.txt"],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var (count, seed) = (arguments.GetValue(Sample), arguments.GetValue(Seed));
        if (count < 1)
            throw new BadInputException($"--sample is {count}; a number of 1 or more is needed.");
        var file = OutFile.At(arguments.GetValue(Out));
        await using var ledger = await OpenLedger.OpenExistingAsync(cancellation);
        var study = await ledger.Queries.FindStudyAsync(arguments.GetValue(StudyShow.Study)!, cancellation);
        var runs = (await ledger.Queries.RunsAsync(study.Id, RunStatuses.Completed, cancellation: cancellation)).Items;
        if (runs.Count == 0)
            throw new BadInputException($"study {study.Name} has no completed run yet; only such a run can be reproduced.");
        // The chain is checked first: what is compared must be what was recorded.
        var chain = await ChainVerification.RunAsync(ledger.Store, study.Id, cancellation);
        var root = await StudyRoot.OfAsync(ledger.Store, study.Id, cancellation: cancellation);
        var drawn = Drawn([.. runs.Select(run => run.Id)], count, seed);
        var progress = (await ledger.Store.StudyAsync(study.Id, cancellation)).State!;
        var device = arguments.GetValue(StudyRun.Device)!;
        var again = await RunsAgain.OfAsync(ledger, progress, drawn, arguments, device, cancellation);
        var statement = new ReproductionStatement(study, root, chain.IsIntact, runs.Count, seed, device, again);
        if (arguments.GetValue(Json))
            Screen.PrintJson(statement.Json());
        else
            Screen.Print(statement.Text());
        if (file is not null)
            OutFile.Write(file, Encoding.UTF8.GetBytes(statement.Text() + "\n"));
        return statement.IsReproduced ? ExitCodes.Done : ExitCodes.Failed;
    }

    /// <summary>A sample that depends on the seed and the runs' ids alone: anyone draws the same.</summary>
    internal static IReadOnlyList<Guid> Drawn(IReadOnlyList<Guid> runs, int count, int seed) =>
    [
        .. runs.OrderBy(run => Convert.ToHexString(SHA256.HashData(
            Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed}/{run:D}")))), StringComparer.Ordinal).Take(count),
    ];
}
