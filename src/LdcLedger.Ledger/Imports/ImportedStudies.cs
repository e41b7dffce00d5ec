using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Imports;

/// <summary>What the ledger notes of a study that came from another one.</summary>
/// <param name="At">When it was imported.</param>
/// <param name="Sequence">Place of the note in the whole ledger; the study's imported events come after it.</param>
/// <param name="AdoptedAt">Null while it is at rest.</param>
/// <param name="AdoptedSequence">Place of its adoption in the whole ledger.</param>
public sealed record ImportNote(
    StudyImported Imported, DateTimeOffset At, long Sequence, DateTimeOffset? AdoptedAt, long? AdoptedSequence)
{
    /// <summary>Whether the study was at rest when an event of it took this place in the whole ledger.</summary>
    public bool IsAtRestAt(long sequence) => Sequence < sequence && (AdoptedSequence ?? long.MaxValue) > sequence;
}

/// <summary>
/// Studies that were imported. Until one is adopted it is at rest: relay, refill, saga and claims pass it over, and nothing is appended to
/// it. Read from the ledger's own notes each time; there are few, and they are found by one index.
/// </summary>
public static class ImportedStudies
{
    private static readonly string Imported = EventKinds.Of(typeof(StudyImported)).Alias;
    private static readonly string Planned = EventKinds.Of(typeof(RunPlanned)).Alias;
    private static readonly string Adopted = EventKinds.Of(typeof(StudyAdopted)).Alias;

    /// <summary>Whether a study waits for somebody to ask for it here. False for one that began here.</summary>
    public static async Task<bool> IsAtRestAsync(this LedgerStore store, Guid study, CancellationToken cancellation = default)
    {
        var adopted = EventIds.Of(new StudyAdopted(study, ""));
        await using var command = store.DataSource.CreateCommand($"select id from {store.Tables.Events} where id = any($1)");
        command.Parameters.Add(new() { Value = new[] { EventIds.Of(new StudyImported(study, "", 0, "", false)), adopted } });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var (notes, isAdopted) = (0, false);
        for (; await reader.ReadAsync(cancellation); notes++)
            isAdopted |= reader.GetGuid(0) == adopted;
        return notes > 0 && !isAdopted;
    }

    /// <summary>
    /// The fact that the study goes on here from now on, to be recorded together with what was asked for, and the plans of runs that its
    /// file broke off before; none where it is not at rest.
    /// </summary>
    /// <param name="reason">What was asked for.</param>
    /// <exception cref="RuleViolation">It names a run that nobody can plan.</exception>
    public static async Task<IReadOnlyList<ILedgerEvent>> AdoptionAsync(
        this LedgerStore store, Guid study, string reason, CancellationToken cancellation = default)
    {
        if (!await store.IsAtRestAsync(study, cancellation) || (await store.StudyAsync(study, cancellation)).State is not { } there)
            return [];
        await using var command = store.DataSource.CreateCommand(
            $"select stream_id from {store.Tables.Events} where correlation_id = $1 and type = '{Planned}'");
        command.Parameters.Add(new() { Value = study.ToString("D") });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var planned = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellation))
            planned.Add(reader.GetGuid(0));
        return [new StudyAdopted(study, reason), .. StudyPlan.Lacking(there, planned)];
    }

    /// <summary>The note on a study; null where it began here.</summary>
    public static async Task<ImportNote?> ImportNoteAsync(this LedgerStore store, Guid study, CancellationToken cancellation = default) =>
        (await store.ImportNotesAsync(study, cancellation)).GetValueOrDefault(study);

    /// <summary>The notes on every imported study.</summary>
    internal static Task<IReadOnlyDictionary<Guid, ImportNote>> ImportNotesAsync(this LedgerStore store, CancellationToken cancellation) =>
        store.ImportNotesAsync(null, cancellation);

    /// <summary>SQL: the ids, as text, of the studies that are at rest.</summary>
    internal static string AtRest(MartenTables tables) => $"""
        select data ->> 'studyId' from {tables.Events} where stream_id = '{LedgerIds.Imports}' and type = '{Imported}'
        except select data ->> 'studyId' from {tables.Events} where stream_id = '{LedgerIds.Imports}' and type = '{Adopted}'
        """;

    private static async Task<IReadOnlyDictionary<Guid, ImportNote>> ImportNotesAsync(
        this LedgerStore store, Guid? study, CancellationToken cancellation)
    {
        await using var command = store.DataSource.CreateCommand($"""
            select seq_id, type, timestamp, data::text from {store.Tables.Events}
            where stream_id = '{LedgerIds.Imports}' and ($1::text is null or data ->> 'studyId' = $1) order by version
            """);
        command.Parameters.Add(
            new() { Value = (object?)study?.ToString("D") ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var notes = new Dictionary<Guid, ImportNote>();
        while (await reader.ReadAsync(cancellation))
        {
            var (sequence, at) = (reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(2));
            switch (LedgerJson.Read(LedgerJson.KindOf(reader.GetString(1)), reader.GetString(3)))
            {
                case StudyImported imported:
                    notes[imported.StudyId] = new(imported, at, sequence, null, null);
                    break;
                case StudyAdopted adopted when notes.TryGetValue(adopted.StudyId, out var note):
                    notes[adopted.StudyId] = note with { AdoptedAt = at, AdoptedSequence = sequence };
                    break;
            }
        }
        return notes;
    }
}
