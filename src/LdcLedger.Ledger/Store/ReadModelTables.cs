using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using Marten;

namespace LdcLedger.Ledger.Store;

/// <summary>The tables of the read models; every store knows them.</summary>
internal static class ReadModelTables
{
    /// <summary>The projection that fills them.</summary>
    public const string Projection = "read_models";

    /// <summary>Its row in Marten's table of progress.</summary>
    public const string Progress = Projection + ":All";

    /// <summary>Empties them: the next question fills them again, from the events.</summary>
    public static string Clear(MartenTables tables) =>
        string.Concat(Documents.Select(document => $"delete from {tables.Documents(document)};\n"))
            + $"delete from {tables.Progress} where name = '{Progress}';";

    public static readonly IReadOnlyList<Type> Documents =
        [typeof(RunSummary), typeof(RunNorms), typeof(RunPerplexity), typeof(DomainRankings), typeof(StudySummary)];

    public static void AddTo(StoreOptions options)
    {
        options.Schema.For<RunSummary>().Index(run => run.StudyId)
            .IgnoreIndex(LedgerGuards.RunsIndex).IgnoreIndex(LedgerGuards.RunsOfStatusIndex);
        options.Schema.For<RunNorms>().Index(norms => norms.StudyId);
        options.Schema.For<RunPerplexity>().Index(perplexity => perplexity.StudyId);
        options.Schema.For<DomainRankings>().Index(rankings => rankings.StudyId);
        options.Schema.For<StudySummary>().Index(study => study.SubmittedAt).Index(study => study.Name);
    }
}
