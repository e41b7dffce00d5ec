using System.Text.Json;
using LdcLedger.Web.Access;
using LdcLedger.Web.Views;

namespace LdcLedger.Web.Api;

/// <summary>
/// Every route of the API, a row for each, in the order of the document. A new one is a row here and one in the table of rights of the
/// tests; the snapshot of the document shows what it adds. What was published stays: <c>v1</c> only grows.
/// </summary>
internal static class ApiTable
{
    private static readonly QueryParameter Status = new(
        "status", "string", "Only those of this status, as `ldc run list --status` has it.");
    private static readonly QueryParameter Format = new(
        "format", "string", "json (without it), csv or parquet: as `ldc export` writes it.");

    private static readonly QueryParameter Paper = new(
        "format", "string", "json (without it), or tex: the report's table of one rule, as LaTeX.");

    private static readonly QueryParameter After = new(
        "after", "integer", "Goes on after this id, as Last-Event-ID does; without either from now on.");

    private const string EventStreamType = "text/event-stream";

    private static readonly IReadOnlyList<QueryParameter> OfRuns =
    [
        new(View.ChosenRun, "string", "Only these: ids of runs or beginnings of them, at most 200, with commas between."),
        new("study", "string", "Only those of this study: its id, a prefix of it, or its name."),
        new("model", "string", "Only of this model."), new("domain", "string", "Only of this domain."),
        new("stage", "integer", "0 baselines, 1 the map, 2 the test."),
        new("role", "string", "Only of this role, such as all or top-1-mlp."), Status,
        new("seed", "integer", "Only of this seed."), new("worker", "string", "Only those that this worker had last."),
        new("since", "string", "Only those planned at this time or later, such as 2026-11-25T15:30:00Z."),
        new("until", "string", "Only those planned before this time."),
    ];

    private static readonly IReadOnlyList<QueryParameter> Compared =
    [
        .. OfRuns, new("by", "string", "Sums of norms by projection (without it) or by layer."),
        new("limit", "integer", "At most so many, 1 to 200; 200 without it."), QueryParameter.CursorOfPart,
    ];

    private static readonly QueryParameter Rule = new(
        "rule", "string", "An aggregation rule, NAME or NAME@VERSION; without it the study's own.");

    private static readonly IReadOnlyList<QueryParameter> Norms =
    [
        Rule, new("epoch", "integer", "After this epoch; without it after the rule's own."),
        new("seed", "integer", "Of this seed; without it of all."),
    ];

    public static IReadOnlyList<ApiRoute> All(ApiParts parts)
    {
        var (shown, writes, files, streams) = (parts.Shown, new WriteApi(parts), new FilesApi(parts), new EventStream(parts));
        var (cursor, runs) = (shown.Cursor, new RunsApi(shown.Cursor));
        var (reports, figures) = (new ReportsApi(shown.Reports), new FiguresApi(shown));
        return
        [
            ApiRoute.Of("/studies", "listStudies", "The studies of the ledger, newest first: `ldc study list`.",
                [new("name", "string", "Only those whose names contain this, in whatever case."), QueryParameter.Limit,
                    QueryParameter.CursorOfPart, new("count", "boolean", "Whether all of them are counted.")],
                view => StudiesApi.ListAsync(view, cursor)),
            ApiRoute.Write("POST", "/studies", "submitStudy",
                "Submits the text of a spec, whose paths lead to folders that LDC_SPEC_ROOTS names: `ldc study submit`.",
                typeof(SubmitBody), writes.SubmitAsync),
            ApiRoute.Write("POST", "/studies/{study}/cancel", "cancelStudy",
                "Nothing more of it starts, what runs stops: `ldc study cancel`.", typeof(ReasonBody), WriteApi.CancelAsync),
            ApiRoute.Write("POST", "/studies/{study}/extend", "extendStudy",
                "Adds the runs of stage 2 that another rule asks for: `ldc study extend --submit`.", typeof(ExtendBody),
                WriteApi.ExtendAsync),
            ApiRoute.Of("/studies/{study}/stream", "streamStudy",
                "Its events as they come; the id of each is its position: `ldc study watch`.", [After], streams.OfStudyAsync) with
                {
                    Access = RouteAccess.BoundReaders, Answer = typeof(StreamedAnswer), MediaType = EventStreamType,
                    IsOfLedgerAlone = false,
                },
            ApiRoute.Of("/studies/{study}/export.jsonl", "exportStudy", "All its events as JSON lines: `ldc ledger export`.",
                [QueryParameter.At], FilesApi.ExportAsync) with
                {
                    Access = RouteAccess.BoundReaders, Answer = typeof(StreamedAnswer), MediaType = "application/x-ndjson",
                    IsExport = true,
                },
            ApiRoute.Of("/studies/{study}/consistency", "getConsistency",
                "An RFC 6962 proof that its root at one position goes on from that at an earlier one.",
                [
                    new("from", "integer", "The earlier position."), new("to", "integer", "The later one; without it where it is now."),
                ],
                FilesApi.ConsistencyAsync) with { Access = RouteAccess.BoundReaders },
            ApiRoute.Of("/studies/{study}", "getStudy", "Where a study stands, with its position and root: `ldc study show`.",
                [QueryParameter.At], StudiesApi.ShowAsync) with { Access = RouteAccess.BoundReaders },
            ApiRoute.Of("/studies/{study}/root", "getStudyRoot", "A study's position and RFC 6962 root: what a report cites.",
                [QueryParameter.At], StudiesApi.RootAsync) with { Access = RouteAccess.BoundReaders },
            ApiRoute.Of("/studies/{study}/perplexities", "getPerplexities",
                "Held-out perplexities, a row per model and domain: the report's table.",
                [QueryParameter.At, QueryParameter.Rules, Paper], StudiesApi.PerplexitiesAsync)
                with { Access = RouteAccess.BoundReaders, Answer = typeof(PerplexitiesAnswer) },
            ApiRoute.Of("/studies/{study}/findings", "listFindings",
                "What the study found so far under a rule, in words that its numbers decide: the report's summary.",
                [QueryParameter.At, .. Norms], view => StudiesApi.FindingsAsync(view, shown.Reports))
                with { Access = RouteAccess.BoundReaders },
            ApiRoute.Of("/studies/{study}/rankings", "getRankings",
                "The layers of every model, domain and group, best first: `ldc export rankings`.",
                [QueryParameter.At, QueryParameter.Rules, Format], StudiesApi.RankingsAsync)
                with { Access = RouteAccess.BoundReaders, Answer = typeof(RankingsAnswer) },
            ApiRoute.Of("/studies/{study}/norms", "getNorms", "Every norm of every run: `ldc export norms`.",
                [QueryParameter.At, Format], StudiesApi.NormsAsync)
                with { Access = RouteAccess.BoundReaders, Answer = typeof(NormsAnswer), IsExport = true },
            ApiRoute.Of("/studies/{study}/evaluations", "getEvaluations",
                "The held-out evaluation of every run, not pooled over seeds: `ldc export perplexities`.",
                [QueryParameter.At, Format], StudiesApi.EvaluationsAsync)
                with { Access = RouteAccess.BoundReaders, Answer = typeof(EvaluationsAnswer), IsExport = true },
            ApiRoute.Of("/studies/{study}/rankings/history", "getRankingHistory",
                "How each ranking came about, epoch by epoch, and since when the highest layers are what they are.",
                [
                    QueryParameter.At, Rule, new("from", "integer", "Only points from this position on."),
                    new("to", "integer", "Only points up to this position."),
                ],
                HistoryApi.RankingsAsync) with { Access = RouteAccess.BoundReaders },
            ApiRoute.Of("/studies/{study}/milestones", "listMilestones",
                "What the study's own stream states, but for how each run ended, with the position of each.",
                [QueryParameter.At], HistoryApi.MilestonesAsync) with { Access = RouteAccess.BoundReaders },
            ApiRoute.Of("/studies/{study}/decisions", "listDecisions",
                "Every decision of stage 2 with the rankings that it saw, and the cells that wait for one.",
                [QueryParameter.At], HistoryApi.DecisionsAsync) with { Access = RouteAccess.BoundReaders },
            ApiRoute.Of("/studies/{study}/attempts", "listAttempts", "Who had which run when, in the order in which they began.",
                [QueryParameter.At], HistoryApi.AttemptsAsync) with { Access = RouteAccess.BoundReaders },
            ApiRoute.Of("/studies/{study}/figures", "listFigures", "The figures of a study, by name.",
                [QueryParameter.At, .. Norms], figures.ListAsync) with { Access = RouteAccess.BoundReaders },
            ApiRoute.Of("/studies/{study}/figures/{figure}.{format}", "getFigure",
                "A figure: the report's own, byte for byte, or how ranks came about; or its numbers.",
                [QueryParameter.At, .. Norms], figures.OfStudyAsync) with
                {
                    Access = RouteAccess.BoundReaders, Answer = typeof(RawAnswer), MediaType = "application/octet-stream", IsExport = true,
                },
            ApiRoute.Of("/studies/{study}/report.{format}", "getReport", "A study's report, byte for byte as `ldc report build` writes it.",
                [QueryParameter.At, QueryParameter.Rules], reports.FileAsync) with
                {
                    Access = RouteAccess.BoundReaders, Answer = typeof(RawAnswer), MediaType = "application/octet-stream", IsExport = true,
                },
            ApiRoute.Of("/studies/{study}/rules:try", "tryRule",
                "What would follow from a rule (YAML, the body of the request); nothing is defined: `ldc rules diff --plan`.",
                [QueryParameter.At], new RuleTrialApi(shown.Reports.Work).TryAsync)
                with { Access = RouteAccess.BoundReaders, Method = "POST", Body = typeof(string), BodyMediaType = "application/yaml" },
            ApiRoute.Of("/reports:verify", "verifyReport",
                "Whether a report (PDF or HTML, sent as it is, at most 20 MB, kept nowhere) is this ledger's: `ldc report verify`.",
                [], reports.VerifyAsync) with
                {
                    Method = "POST", Limit = BodyLimit.OfFiles, Body = typeof(Stream), BodyMediaType = "application/octet-stream",
                },
            ApiRoute.Of("/reports/diff", "diffReports",
                "The tables of two studies' reports, or of one's at two positions, cell by cell: `ldc report diff`.",
                [
                    new("left", "string", "A study: its id, a prefix of it, or its name."), new("right", "string", "Another, or the same."),
                    new("leftAt", "string", "The moment of the left one; now without it."),
                    new("rightAt", "string", "The moment of the right one; now without it."),
                    new("rule", "string", "The rule of both, NAME or NAME@VERSION; without it each study's own."),
                ],
                reports.DiffAsync),
            ApiRoute.Of("/runs", "listRuns", "Runs, newest first in the order of planning: `ldc run list`.",
                [.. OfRuns, QueryParameter.Limit, QueryParameter.CursorOfPart],
                runs.ListAsync),
            ApiRoute.Of("/runs/{run}/figures/{figure}.{format}", "getRunFigure", "A figure of a run: loss; or its numbers.",
                [QueryParameter.At], figures.OfRunAsync) with
                {
                    Access = RouteAccess.BoundReaders, Answer = typeof(RawAnswer), MediaType = "application/octet-stream", IsExport = true,
                },
            ApiRoute.Of("/compare/figures/{figure}.{format}", "getComparisonFigure",
                "A figure of runs beside each other: loss-1 and so on; or its numbers.", Compared, figures.OfComparisonAsync) with
                {
                    Answer = typeof(RawAnswer), MediaType = "application/octet-stream", IsExport = true,
                },
            ApiRoute.Of("/compare", "compareRuns", "Runs beside each other: the settings in which they differ, norms, perplexity, losses.",
                Compared, new CompareApi(shown).CompareAsync),
            ApiRoute.Of("/runs/{run}", "getRun", "A run, by its id or a prefix of it: `ldc run show`.",
                [QueryParameter.At], RunsApi.ShowAsync) with { Access = RouteAccess.BoundReaders },
            ApiRoute.Of("/runs/{run}/events", "listRunEvents", "The events of a run, from the first.",
                [QueryParameter.At], RunsApi.EventsAsync) with { Access = RouteAccess.BoundReaders },
            ApiRoute.Write("POST", "/runs/{run}/retry", "retryRun",
                "Another try for a run that failed, was cancelled or abandoned: `ldc run retry`.", typeof(ReasonBody),
                WriteApi.RetryAsync),
            ApiRoute.Of("/rules", "listRules", "The aggregation rules of the ledger: `ldc rules list`.", [], RulesApi.ListAsync)
                with { Access = RouteAccess.BoundReaders },
            ApiRoute.Of("/rules/{rule}", "getRule", "A rule, by NAME or NAME@VERSION: `ldc rules show`.", [], RulesApi.ShowAsync)
                with { Access = RouteAccess.BoundReaders },
            ApiRoute.Write("PUT", "/rules/{rule}", "defineRule",
                "Defines a rule, or the next version of one; the same content is there already: `ldc rules add`.", typeof(RuleBody),
                WriteApi.DefineAsync),
            ApiRoute.Of("/rules/diff", "diffRules", "What would be other if rule b ranked a study's layers instead of a: `ldc rules diff`.",
                [
                    new("a", "string", "The rule to compare with, NAME or NAME@VERSION."), new("b", "string", "The other, likewise."),
                    new("study", "string", "Its id, a prefix of it, or its name."), QueryParameter.At,
                ],
                RulesApi.DiffAsync) with { Access = RouteAccess.BoundReaders },
            ApiRoute.Of("/specs:validate", "validateSpec",
                "What is wrong in a spec, as far as it can be told without its files: `ldc study validate`.", [], WriteApi.ValidateAsync)
                with { Method = "POST", Body = typeof(SpecBody) },
            ApiRoute.Of("/specs:plan", "planSpec",
                "What a study would run, as far as its spec alone tells: `ldc study plan`. No file is looked at.", [], WriteApi.PlanAsync)
                with { Method = "POST", Body = typeof(SpecBody) },
            ApiRoute.Of("/events", "listEvents", "Events in ledger order.",
                [
                    new("after", "integer", "A place in the whole ledger; without it from the first."),
                    new("study", "string", "Only those of this study."), new("type", "string", "Only of this kind, such as run_completed."),
                    QueryParameter.Limit,
                ],
                EventsApi.ListAsync),
            ApiRoute.Of("/events/stream", "streamEvents", "Events in ledger order as they come; the id of each is its place.",
                [After], streams.OfLedgerAsync) with
                {
                    Answer = typeof(StreamedAnswer), MediaType = EventStreamType, IsOfLedgerAlone = false,
                },
            ApiRoute.Of("/events/{event}", "getEvent", "An event, by its id or a prefix of it, as the ledger keeps it.",
                [], EventsApi.ShowAsync) with { Access = RouteAccess.BoundReaders },
            ApiRoute.Of("/events/{event}/canonical", "getEventBytes", "The very bytes of its data that its chain hash is over (RFC 8785).",
                [], EventsApi.CanonicalAsync) with
                {
                    Access = RouteAccess.BoundReaders, Answer = typeof(RawAnswer), MediaType = "application/octet-stream", IsExport = true,
                },
            ApiRoute.Of("/events/{event}/proof", "getProof",
                "A proof that an event is in its study and under the newest seal: `ldc ledger prove`.", [], EventsApi.ProofAsync)
                with { Access = RouteAccess.BoundReaders, Answer = typeof(RawAnswer) },
            ApiRoute.Of("/proofs:check", "checkProof", "What a proof says and whether it holds: `ldc ledger check-proof`.",
                [], EventsApi.CheckAsync) with { Method = "POST", Body = typeof(JsonElement) },
            ApiRoute.Of("/ledger/position", "getPosition", "How far the ledger and its read models have come.", [], LedgerApi.Position)
                with { Access = RouteAccess.BoundReaders, IsOfLedgerAlone = false },
            ApiRoute.Write("POST", "/ledger/seals", "sealLedger", "Signs the root over all events so far: `ldc ledger seal`.", null,
                writes.SealAsync),
            ApiRoute.Of("/ledger/seals", "listSeals", "The seals of the ledger, newest first, with their checkpoints.", [],
                LedgerApi.SealsAsync),
            ApiRoute.Of("/ledger/verifications", "verifyLedger",
                "Begins to recompute everything that the ledger proves: `ldc ledger verify`. Where one is running, it is that.", [],
                writes.VerifyAsync) with
                {
                    Method = "POST", Access = RouteAccess.Operators, Answer = typeof(VerificationAnswer), Statuses = [202],
                },
            ApiRoute.Of("/ledger/verifications/{verification}", "getVerification", "How far a verification is, and what it found.", [],
                writes.VerificationAsync) with { IsOfLedgerAlone = false },
            ApiRoute.Of("/artifacts/{sha256}", "getArtifact", "A file that a run has left, by the SHA-256 that its event names.", [],
                files.ArtifactAsync) with
                {
                    Access = RouteAccess.BoundReaders, Answer = typeof(StreamedAnswer), MediaType = "application/octet-stream",
                    IsOfLedgerAlone = false,
                },
            ApiRoute.Of("/workers", "listWorkers", "Who trains, and what each does: `ldc workers`.", [], LedgerApi.WorkersAsync)
                with { IsOfLedgerAlone = false },
            ApiRoute.Of("/doctor", "getDoctor", "What has to work on the machine that answers: fine, or what to do: `ldc doctor`.",
                [], async view => new DoctorAnswer(await shown.Findings(view.Cancellation)))
                with { Access = RouteAccess.Operators, IsOfLedgerAlone = false },
            ApiRoute.Of("/session", "getSession", "Who you are to this ledger.", [], LedgerApi.Session)
                with { Access = RouteAccess.BoundReaders, IsOfLedgerAlone = false },
        ];
    }
}
