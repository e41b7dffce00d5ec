using Marten;
using Npgsql;

namespace LdcLedger.Ledger.Store;

/// <summary>
/// Which tables a ledger has: our version of them, and that of the Marten that made its part. Older ones are brought up to date when their
/// owner opens the ledger. Newer ones are refused, an older Marten's program included: it would call functions that are no longer what it
/// knows.
/// </summary>
/// <param name="Number">Raised whenever our part changes.</param>
/// <param name="Marten">Null before version 3, which began to keep it.</param>
public sealed record TablesVersion(int Number, Version? Marten) : IComparable<TablesVersion>
{
    /// <summary>What this program brings.</summary>
    public static readonly TablesVersion Current = new(5, OfMarten());

    /// <summary>The first version whose read models say what today's say.</summary>
    internal const int ReadModelsSince = 4;

    internal static string Table(string schema) => $"""
        create table if not exists {schema}.tables_version (version int not null);
        alter table {schema}.tables_version add column if not exists marten text;
        """;

    internal string Insert(string schema) => $"""
        delete from {schema}.tables_version;
        insert into {schema}.tables_version (version, marten) values ({Number}, '{Marten}');
        """;

    /// <summary>Null where there is no ledger yet.</summary>
    public static async Task<TablesVersion?> OfAsync(NpgsqlConnection connection, string schema, CancellationToken cancellation = default)
    {
        await using var exists = new NpgsqlCommand($"select to_regclass('{schema}.tables_version') is not null", connection);
        if (await exists.ExecuteScalarAsync(cancellation) is not true)
            return null;
        // Through JSON, because older versions have no such column.
        await using var command = new NpgsqlCommand($"select version, to_jsonb(v) ->> 'marten' from {schema}.tables_version v", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new(reader.GetInt32(0), reader.IsDBNull(1) ? null : Version.Parse(reader.GetString(1)))
            : null;
    }

    /// <summary>Our version decides; where it is the same, Marten's.</summary>
    public int CompareTo(TablesVersion? other) => other is null ? 1 : (Number, Marten).CompareTo((other.Number, other.Marten));

    /// <summary>For instance 3 (Marten 9.58.0).</summary>
    public override string ToString() => Marten is null ? $"{Number}" : $"{Number} (Marten {Marten})";

    private static Version OfMarten()
    {
        var version = typeof(DocumentStore).Assembly.GetName().Version!;
        return new(version.Major, version.Minor, version.Build);
    }
}
