using LdcLedger.Web.Access;
using LdcLedger.Web.Views;

namespace LdcLedger.Web.Api;

/// <summary>
/// Every route of the API, a row for each, in the order of the document. A new one is a row here and one in the table of rights of the
/// tests; the snapshot of the document shows what it adds. What was published stays: <c>v1</c> only grows.
/// </summary>
public static class ApiTable
{
    private static readonly QueryParameter Status = new(
        "status", "string", "Only those of this status, as `ldc run list --status` has it.");
    private static readonly QueryParameter Format = new(
        "format", "string", "json (without it), csv or parquet: as `ldc export` writes it.");

    public static IReadOnlyList<ApiRoute> All(Cursor cursor)
    {
        var runs = new RunsApi(cursor);
        return
        [
            ApiRoute.Of("/studies", "listStudies", "The studies of the ledger, newest first: `ldc study list`.",
                [QueryParameter.Limit, QueryParameter.CursorOfPart, new("count", "boolean", "Whether all of them are counted.")],
                view => StudiesApi.ListAsync(view, cursor)),
            ApiRoute.Of("/studies/{study}", "getStudy", "Where a study stands, with its position and root: `ldc study show`.",
                [QueryParameter.At], StudiesApi.ShowAsync) with { Access = RouteAccess.BoundReaders },
            ApiRoute.Of("/studies/{study}/root", "getStudyRoot", "A study's position and RFC 6962 root: what a report cites.",
                [QueryParameter.At], StudiesApi.RootAsync) with { Access = RouteAccess.BoundReaders },
            ApiRoute.Of("/studies/{study}/perplexities", "getPerplexities",
                "Held-out perplexities, a row per model and domain: the report's table.",
                [QueryParameter.At, QueryParameter.Rules], StudiesApi.PerplexitiesAsync) with { Access = RouteAccess.BoundReaders },
            ApiRoute.Of("/studies/{study}/rankings", "getRankings", "The layers of every model, domain and group, best first.",
                [QueryParameter.At, QueryParameter.Rules], StudiesApi.RankingsAsync) with { Access = RouteAccess.BoundReaders },
            ApiRoute.Of("/studies/{study}/norms", "getNorms", "Every norm of every run: `ldc export norms`.",
                [QueryParameter.At, Format], StudiesApi.NormsAsync)
                with { Access = RouteAccess.BoundReaders, Answer = typeof(NormsAnswer), IsExport = true },
            ApiRoute.Of("/studies/{study}/evaluations", "getEvaluations",
                "The held-out evaluation of every run, not pooled over seeds: `ldc export perplexities`.",
                [QueryParameter.At, Format], StudiesApi.EvaluationsAsync)
                with { Access = RouteAccess.BoundReaders, Answer = typeof(EvaluationsAnswer), IsExport = true },
            ApiRoute.Of("/runs", "listRuns", "Runs, newest first in the order of planning: `ldc run list`.",
                [
                    new("study", "string", "Only those of this study: its id, a prefix of it, or its name."),
                    new("model", "string", "Only of this model."), new("domain", "string", "Only of this domain."),
                    new("stage", "integer", "0 baselines, 1 the map, 2 the test."),
                    new("role", "string", "Only of this role, such as all or top-1-mlp."), Status,
                    new("seed", "integer", "Only of this seed."),
                    new("worker", "string", "Only those that this worker had last."), QueryParameter.Limit, QueryParameter.CursorOfPart,
                ],
                runs.ListAsync),
            ApiRoute.Of("/runs/{run}", "getRun", "A run, by its id or a prefix of it: `ldc run show`.",
                [QueryParameter.At], RunsApi.ShowAsync) with { Access = RouteAccess.BoundReaders },
            ApiRoute.Of("/runs/{run}/events", "listRunEvents", "The events of a run, from the first.",
                [QueryParameter.At], RunsApi.EventsAsync) with { Access = RouteAccess.BoundReaders },
            ApiRoute.Of("/rules", "listRules", "The aggregation rules of the ledger: `ldc rules list`.", [], RulesApi.ListAsync)
                with { Access = RouteAccess.BoundReaders },
            ApiRoute.Of("/rules/{rule}", "getRule", "A rule, by NAME or NAME@VERSION: `ldc rules show`.", [], RulesApi.ShowAsync)
                with { Access = RouteAccess.BoundReaders },
            ApiRoute.Of("/events", "listEvents", "Events in ledger order.",
                [
                    new("after", "integer", "A place in the whole ledger; without it from the first."),
                    new("study", "string", "Only those of this study."), new("type", "string", "Only of this kind, such as run_completed."),
                    QueryParameter.Limit,
                ],
                EventsApi.ListAsync),
            ApiRoute.Of("/events/{event}", "getEvent", "An event, by its id or a prefix of it, as the ledger keeps it.",
                [], EventsApi.ShowAsync) with { Access = RouteAccess.BoundReaders },
            ApiRoute.Of("/events/{event}/canonical", "getEventBytes", "The very bytes of its data that its chain hash is over (RFC 8785).",
                [], EventsApi.CanonicalAsync) with
                {
                    Access = RouteAccess.BoundReaders, Answer = typeof(RawAnswer), MediaType = "application/octet-stream",
                },
            ApiRoute.Of("/events/{event}/proof", "getProof",
                "A proof that an event is in its study and under the newest seal: `ldc ledger prove`.", [], EventsApi.ProofAsync)
                with { Access = RouteAccess.BoundReaders, Answer = typeof(RawAnswer) },
            ApiRoute.Of("/proofs:check", "checkProof", "What a proof says and whether it holds: `ldc ledger check-proof`.",
                [], EventsApi.CheckAsync) with { Method = "POST" },
            ApiRoute.Of("/ledger/position", "getPosition", "How far the ledger and its read models have come.", [], LedgerApi.Position)
                with { Access = RouteAccess.BoundReaders, IsOfLedgerAlone = false },
            ApiRoute.Of("/workers", "listWorkers", "Who trains, and what each does: `ldc workers`.", [], LedgerApi.WorkersAsync)
                with { IsOfLedgerAlone = false },
            ApiRoute.Of("/session", "getSession", "Who you are to this ledger.", [], LedgerApi.Session)
                with { Access = RouteAccess.BoundReaders },
        ];
    }
}
