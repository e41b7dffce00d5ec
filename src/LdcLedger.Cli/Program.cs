using System.CommandLine;
using LdcLedger.Cli.Adapters;
using LdcLedger.Cli.Bench;
using LdcLedger.Cli.Cluster;
using LdcLedger.Cli.Exports;
using LdcLedger.Cli.Golden;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Models;
using LdcLedger.Cli.Reports;
using LdcLedger.Cli.Reproductions;
using LdcLedger.Cli.Rules;
using LdcLedger.Cli.Runs;
using LdcLedger.Cli.Studies;
using LdcLedger.Cli.Terminal;
using LdcLedger.Cli.Web;

var root = new RootCommand(
    "LdcLedger: which layers of a language model change most when it is fine-tuned on a domain, and does tuning only those work as well?")
{
    new Verb("study", "Write, check and run studies; see what they found.",
        StudyInit.Verb(),
        StudyValidate.Verb(),
        StudyPlanVerb.Verb(),
        StudyRun.Verb(),
        StudySubmit.Verb(),
        StudyWatch.Verb(),
        StudyExtend.Verb(),
        StudyCancel.Verb(),
        StudyList.Verb(),
        StudyShow.Verb(),
        StudyReproduce.Verb()),
    new Verb("run", "Look at the runs of studies.",
        RunList.Verb(),
        RunShow.Verb(),
        RunRetry.Verb(),
        RunReproduce.Verb()),
    new Verb("report", "Write reports from what the ledger holds, verify and compare them.",
        ReportBuild.Verb(),
        ReportVerify.Verb(),
        ReportDiff.Verb()),
    new Verb("rules", "Define aggregation rules; read studies again under other rules, without training.",
        RulesAdd.Verb(),
        RulesList.Verb(),
        RulesShow.Verb(),
        RulesReplay.Verb(),
        RulesDiff.Verb()),
    new Verb("ledger", "Check and seal the ledger itself; prove what is in it; take studies from one ledger to another.",
        LedgerVerify.Verb(),
        LedgerSeal.Verb(),
        LedgerProve.Verb(),
        LedgerCheckProof.Verb(),
        LedgerExportVerb.Verb(),
        LedgerImportVerb.Verb()),
    new Verb("export", "Write a study's numbers as CSV or Parquet.",
        ExportVerbs.Norms(),
        ExportVerbs.Perplexities(),
        ExportVerbs.Rankings()),
    new Verb("model", "Look at models; check the implementation against reference cases.",
        ModelInspect.Verb(),
        ModelVerify.Verb()),
    new Verb("train", "Check the training engine against reference cases.",
        TrainVerify.Verb()),
    new Verb("adapter", "Look at LoRA adapters in PEFT's format, ours or not; merge them into their base.",
        AdapterInspect.Verb(),
        AdapterMergeVerb.Verb()),
    new Verb("bench", "Measure speed on this machine.",
        TrainBenchVerb.Verb(),
        LedgerBench.Verb(),
        ReplayBenchVerb.Verb(),
        WebBenchVerb.Verb(),
        ReportBenchVerb.Verb()),
    new Verb("token", "Let others look at the dashboard and use the API.",
        TokenVerbs.Add(),
        TokenVerbs.List(),
        TokenVerbs.Revoke()),
    new Verb("web", "Get to this machine's dashboard.",
        WebLink.Verb()),
    ServeVerb.Verb(),
    WorkerVerb.Verb(),
    WorkersVerb.Verb(),
    DoctorVerb.Verb(),
};

return await CommandLine.Run(root, args);
