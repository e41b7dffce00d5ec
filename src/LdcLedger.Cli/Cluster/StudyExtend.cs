using System.CommandLine;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Reproductions;
using LdcLedger.Cli.Rules;
using LdcLedger.Cli.Studies;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.Leases;
using LdcLedger.Ledger.Runs;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Studies;
using LdcLedger.Specs;
using LdcLedger.Worker.Devices;

namespace LdcLedger.Cli.Cluster;

/// <summary><c>ldc study extend STUDY --rule RULE</c>: the stage-2 runs that another rule asks for, and none that is there.</summary>
internal static class StudyExtend
{
    private static readonly Option<string> Rule = new("--rule")
    {
        Description = $"Its stage 2 is added: {RuleArguments.Meaning}.", HelpName = "RULE", Required = true,
    };
    private static readonly Option<bool> Submit = new("--submit")
    {
        Description = "Leave the runs to the cluster and return at once (default: train them here).",
    };
    private static readonly Option<string?> Out = new("--out")
    {
        Description = "Also write the report under this rule and the study's own to this folder.", HelpName = "DIR",
    };

    public static Verb Verb() => new(
        "extend",
        """
        Extend a study by another rule: train the stage-2 runs that it asks for and the study lacks, and no others.
        A run is what it adapts, so what both rules picked is not trained twice. The rule and the rankings that it saw are recorded.
        Models and domains whose stage 1 is not done yet are decided when it is. The same command again goes on where it stopped.
        `ldc rules diff A B STUDY --plan` says before what it would train, and how long that takes.
        """,
        Run, StudyShow.Study, Rule, StudyRun.Device, Places.Models, Places.Domains, Out, Submit)
    {
        Examples =
        [
            "ldc study extend demo --rule component-frobenius", "ldc study extend demo --rule mine@2 --submit  # on a cluster",
            "ldc study extend demo --rule mine --model tiny-llama=models/tiny-llama  # of a study from another machine",
        ],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var submit = arguments.GetValue(Submit);
        if (submit)
            ClusterSettings.Servers("study extend --submit");
        if (submit && arguments.GetValue(Out) is not null)
            throw new BadInputException(
                "--out has nothing to write while the cluster trains; `ldc report build STUDY --rule RULE` does it later.");
        if (submit && Places.AreGiven(arguments))
            throw new BadInputException(
                $"{Places.Models.Name} and {Places.Domains.Name} are of this machine; the cluster's workers look where models and "
                + "corpora lay when the study was submitted.");
        var folder = arguments.GetValue(Out) is { } named ? OutFolder.At(named) : null;
        var devices = TrainingDevices.Named(arguments.GetValue(StudyRun.Device)!);
        using var loggers = Log.For(arguments);
        await using var ledger = await OpenLedger.OpenExistingAsync(cancellation);
        var rule = RuleNames.Find(await ledger.Rules.BookAsync(cancellation), arguments.GetValue(Rule)!);
        var id = (await ledger.Queries.FindStudyAsync(arguments.GetValue(StudyShow.Study)!, cancellation)).Id;
        var places = Places.Of(arguments, (await ledger.Store.StudyAsync(id, cancellation)).State!.Submitted);
        var known = await ledger.Queries.FactsAsync(id, [rule], cancellation);
        await AreInputsThere(known, rule, places, submit ? ledger.Store : null, cancellation);

        // Whoever asks from now on learns that somebody is at it.
        await using var driving = submit ? null : await DriverSign.GivenAsync(ledger.Store, id, TimeProvider.System, cancellation);
        var extension = await new StudySubmission(ledger.Store, new(ledger.Store, TimeProvider.System)).ExtendAsync(id, rule, cancellation);
        Screen.Say(extension.Describe());
        if (submit)
        {
            Screen.Print(id.ToString("D"));
            Screen.Say($"`ldc study watch {extension.Study.Name}` shows its progress.");
            return ExitCodes.Done;
        }
        var retried = await ledger.Store.RetriedAsync(extension.Study, cancellation);
        if (!extension.Study.IsEnded || retried.Count > 0)
            await StudyRun.ToItsEnd(
                extension.Study, retried, ledger.Store, new(devices) { Places = places }, loggers, cancellation);
        else if (extension.IsNew)
            await StudyRun.SealAsync(ledger.Store, cancellation);   // it completed again at once
        var facts = await ledger.Queries.FactsAsync(id, [rule, extension.Study.Submitted.Rule], cancellation);
        ResultTables.Print(facts, rule);
        if (folder is not null)
        {
            StudyOutput.Write(facts, folder, Artifacts.FromEnvironment(), [rule, facts.Study.Rule], cancellation);
            Screen.Print("");
            Screen.Print($"Report: {Path.Combine(folder, "report.pdf")}");
        }
        return StudyRun.EndOf(facts);
    }

    // Before anything is recorded: a run whose model or corpus has gone would only fail.
    private static async Task AreInputsThere(
        StudyFacts facts, AggregationRule rule, InputPlaces places, LedgerStore? cluster, CancellationToken cancellation)
    {
        var wanted = RuleInputs.Of(facts, rule);
        var (models, domains) = (wanted.Models.Select(places.Of).ToList(), wanted.Domains.Select(places.Of).ToList());
        if (cluster is not null)
        {
            if (await new InputSightings(cluster, TimeProvider.System).CheckAsync(models, domains, cancellation) is { } note)
                Screen.Say(note);
            return;
        }
        var gone = models.Where(m => !Path.Exists(m.Path)).Select(m => $"model {m.Name} at {m.Path}")
            .Concat(domains.Where(d => !Path.Exists(d.Path)).Select(d => $"domain {d.Name} at {d.Path}")).ToList();
        if (gone.Count > 0)
            throw new BadInputException(
                $"the runs that are to be trained need {string.Join(", ", gone)}, which is not there: "
                + $"{Places.Models.Name} and {Places.Domains.Name} say where they lie on this machine.");
        places.Prove(models, domains);
    }
}
