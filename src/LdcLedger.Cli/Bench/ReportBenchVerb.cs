using System.CommandLine;
using LdcLedger.Bench.Reports;
using LdcLedger.Cli.Terminal;

namespace LdcLedger.Cli.Bench;

/// <summary><c>ldc bench report</c>: how long a report takes, and how much memory, against the targets.</summary>
internal static class ReportBenchVerb
{
    private static readonly Option<int> Seeds = new("--seeds")
    {
        Description = "Seeds of the study, which has 4 models of 34 layers and 6 domains (default: 5, as the reference).",
        HelpName = "N", DefaultValueFactory = _ => 5,
    };
    private static readonly Option<int> Pages = new("--pages")
    {
        Description = "Pages of the appendix, about (default: 1000).", HelpName = "N", DefaultValueFactory = _ => 1_000,
    };
    private static readonly Option<int> Rounds = new("--rounds")
    {
        Description = "How often the report is built; the first counts (default: 3).", HelpName = "N", DefaultValueFactory = _ => 3,
    };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() => new(
        "report",
        """
        Measure a report: the reference study's, built from made-up facts and drawn as PDF, and an appendix of many pages.
        Every figure has a target; --at-least works as in `ldc bench ledger`.
        """,
        Run, Seeds, Pages, Rounds, TargetShares.AtLeast, Json)
    {
        Examples =
        [
            "ldc bench report --at-least 1",
            "ldc bench report --seeds 1 --pages 100 --rounds 1  # a look, in seconds",
        ],
    };

    private static Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var seeds = LedgerBench.Within(arguments, Seeds, 1, 100);
        var pages = LedgerBench.Within(arguments, Pages, 1, 20_000);
        var rounds = LedgerBench.Within(arguments, Rounds, 1, 100);
        var wanted = TargetShares.Of(arguments, "report-time", "report-memory", "appendix-memory");
        var measured = new ReportBench(TimeProvider.System).Run(models: 4, domains: 6, seeds, layers: 34, pages, rounds);
        if (arguments.GetValue(Json))
            Screen.PrintJson(new { cores = Environment.ProcessorCount, seeds, pages, rounds, measured });
        else
            LedgerBench.Print(measured);
        return Task.FromResult(wanted.Judge(measured));
    }
}
