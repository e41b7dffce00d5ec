using System.Globalization;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Identity;
using LdcLedger.Ledger.Tests.Seals;
using Npgsql;

namespace LdcLedger.Ledger.Tests.Verification;

/// <summary>
/// Every single thing that can be done to what is under the newest seal, at random places: to events, to streams' rows, to the trees. Left
/// out is what no reader can notice, see <see cref="TamperingTests.What_no_reader_can_notice_is_not_told"/>.
/// </summary>
internal sealed class RandomEdits
{
    private sealed record Event(
        long Sequence, Guid Id, Guid Stream, long Version, string Type, string Data, string? Causation, string? Study, string DotnetType);

    private sealed record Block(Guid Tree, long First, int Leaves, bool Named);

    private sealed record Node(Guid Tree, int Level, long Index);

    private readonly List<Event> _sealed = [];
    private readonly Dictionary<Guid, long> _ends = [];
    private readonly List<long> _gaps = [];
    private readonly List<Block> _blocks = [];
    private readonly List<Node> _nodes = [];
    private readonly List<Guid> _streams;     // whose events are all sealed
    private readonly List<Guid> _studies;

    private RandomEdits(List<Event> all, int size, IEnumerable<Block> blocks, IEnumerable<Node> nodes)
    {
        _sealed = all[..size];
        foreach (var e in all)
            _ends[e.Stream] = e.Version;
        _gaps = [.. Enumerable.Range(1, (int)_sealed[^1].Sequence).Select(s => (long)s).Except(all.Select(e => e.Sequence))];
        (_blocks, _nodes) = ([.. blocks], [.. nodes]);
        _streams = [.. _sealed.Select(e => e.Stream).Distinct().Except(all[size..].Select(e => e.Stream))];
        _studies = [.. _sealed.Where(e => e.Type == "study_submitted").Select(e => e.Stream)];
    }

    public static async Task<RandomEdits> OfAsync(SealedLedger ledger, CancellationToken cancellation)
    {
        var events = await ReadAsync(
            "select seq_id, id, stream_id, version, type, data::text, causation_id, correlation_id, mt_dotnet_type "
                + "from ledger.mt_events order by seq_id",
            r => new Event(r.GetInt64(0), r.GetGuid(1), r.GetGuid(2), r.GetInt64(3), r.GetString(4), r.GetString(5), Text(r, 6), Text(r, 7),
                r.GetString(8)));
        var blocks = await ReadAsync(
            "select tree, first, length(hashes) / 32, entries is not null from ledger.tree_blocks order by tree, first",
            r => new Block(r.GetGuid(0), r.GetInt64(1), r.GetInt32(2), r.GetBoolean(3)));
        var nodes = await ReadAsync("select tree, level, index from ledger.tree_nodes order by tree, level, index",
            r => new Node(r.GetGuid(0), r.GetInt32(1), r.GetInt64(2)));
        return new(events, (int)ledger.Checkpoint.Size, blocks, nodes);

        async Task<List<T>> ReadAsync<T>(string sql, Func<NpgsqlDataReader, T> row)
        {
            await using var command = ledger.Store.DataSource.CreateCommand(sql);
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            var rows = new List<T>();
            while (await reader.ReadAsync(cancellation))
                rows.Add(row(reader));
            return rows;
        }

        static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }

    public Edit Next(Random random)
    {
        while (true)
            if (random.Next(100) switch
                {
                    < 50 => Column(random),
                    < 62 => Swap(random),
                    < 74 => Removal(random),
                    < 77 => Insertion(random),
                    < 84 => StreamRow(random),
                    < 96 => Tree(random),
                    _ => Truncation(random),
                } is { } edit)
                return edit;
    }

    private Edit? Column(Random random)
    {
        var e = Pick(_sealed, random);
        switch (random.Next(17))
        {
            case 0:
                return Set(e, "id", "id", $"'{Uuid(random)}'");
            case 1:
                return Set(e, "timestamp", "timestamp",
                    Pick(["timestamp + interval '1 microsecond'", "'infinity'", "timestamp - interval '3 days'",
                    $"timestamp + interval '{1 + random.Next(1_000_000)} milliseconds'"], random));
            case 2:
                var cause = Pick(["null", $"'{Pick(_sealed, random).Id}'", "'nobody'"], random);
                return cause.Trim('\'') == (e.Causation ?? "null") ? null : Set(e, "causation_id", "causation_id", cause);
            case 3:
                var type = Pick([.. EventKinds.All.Select(k => k.Alias), "tombstone", "nonsense"], random);
                return type == e.Type ? null : Set(e, "type", "type", $"'{type}'");
            case 4 or 5 or 6 or 7:
                var data = JsonEdits.Of(e.Data, random);
                return Set(e, $"data of {e.Type}", "data", $"$json${data}$json$");
            case 8:
                return Set(e, "headers.chain", "headers.chain", Pick(["null", "'{}'", "'[]'", "'7'", "headers - 'chain'",
                    "jsonb_set(headers, '{chain}', to_jsonb(upper(headers ->> 'chain')))", "jsonb_set(headers, '{chain}', '17')",
                    "jsonb_set(headers, '{chain}', to_jsonb(reverse(headers ->> 'chain')))",
                    $"(select headers from ledger.mt_events where seq_id = {Other(_sealed, e, random).Sequence})"], random), "headers");
            case 9:
                return Set(e, "header added", "headers.added", "headers || '{\"added\": {\"a\": 1}}'", "headers");
            case 10:
                var study = Pick(["null", $"'{Pick(_studies, random)}'", "'nothing'", $"'{Uuid(random)}'"], random);
                return study.Trim('\'') == (e.Study ?? "null") ? null : Set(e, "correlation_id", "correlation_id", study);
            case 11:
                return Set(e, "is_archived", "is_archived", Pick(["true", "null"], random));
            case 12:
                return Set(e, "mt_dotnet_type", "mt_dotnet_type", Pick(["null", "'X, Y'", $"'{e.DotnetType} '"], random));
            case 13:
                return random.Next(2) == 0 ? Set(e, "tenant_id", "tenant_id", Pick(["null", "'another'"], random))
                    : Set(e, "bdata", "bdata", "'\\x00'");
            case 14:
                var stream = random.Next(4) switch
                {
                    0 => "null",
                    1 => $"'{Uuid(random)}'",
                    _ => Other(_streams, e.Stream, random) is var other && _ends[other] < e.Version ? $"'{other}'" : "",
                };
                return stream.Length == 0 ? null : Set(e, "stream_id", "stream_id", stream) with
                {
                    AlsoTouched = [stream == "null" ? Guid.Empty : Guid.Parse(stream.Trim('\''))],
                };
            case 15:
                var version = Pick([_ends[e.Stream] + 1, _ends[e.Stream] + 1_000_000, 0, -e.Version], random);
                return Set(e, "version", "version", Invariant($"{version}")) with { AlsoTouched = [e.Stream] };
            default:
                return Moved(e, random);
        }
    }

    // To a free place in front, behind, or between.
    private Edit? Moved(Event e, Random random)
    {
        var to = Pick([-e.Sequence, 0, 1_000_000 + e.Sequence, Pick(_gaps, random)], random);
        var (before, after) = (_sealed.LastOrDefault(o => o.Sequence < e.Sequence)?.Sequence,
            _sealed.FirstOrDefault(o => o.Sequence > e.Sequence)?.Sequence);
        return to > (before ?? long.MinValue) && (after is null ? to <= e.Sequence : to < after) ? null
            : Set(e, "seq_id", "seq_id", Invariant($"{to}")) is var edit && Math.Abs(IndexOf(to) - IndexOf(e.Sequence)) > 1 ? edit
            : edit with { All = [], Any = [At(e, "seq_id"), At(Neighbour(e, to), "seq_id")] };
    }

    private int IndexOf(long sequence) => _sealed.Count(e => e.Sequence < sequence);

    private Event Neighbour(Event e, long to) =>
        to > e.Sequence ? _sealed.First(o => o.Sequence > e.Sequence) : _sealed.Last(o => o.Sequence < e.Sequence);

    private Edit? Swap(Random random)
    {
        var (a, b) = (Pick(_sealed, random), Pick(_sealed, random));
        if (a == b)
            return null;
        switch (random.Next(6))
        {
            case 0:
                return new Edit("swapped places", Exchange("seq_id", a, b, Invariant($"{a.Sequence}"), Invariant($"{b.Sequence}"), "-1"))
                {
                    Any = [At(a, "seq_id"), At(b, "seq_id")],
                };
            case 1:
                return a.Data == b.Data ? null : new("swapped data", Sql(
                    Update(a, "data", $"$json${b.Data}$json$"), Update(b, "data", $"$json${a.Data}$json$")), At(a, "data"), At(b, "data"));
            case 2:
                return new("swapped ids", Exchange("id", a, b, $"'{a.Id}'", $"'{b.Id}'", $"'{Guid.Empty}'"), At(a, "id"), At(b, "id"));
            case 3:
                return new("swapped hashes", $"""
                    with two as (select seq_id, headers from ledger.mt_events where seq_id in ({a.Sequence}, {b.Sequence}))
                    update ledger.mt_events e set headers = two.headers from two
                    where e.seq_id in ({a.Sequence}, {b.Sequence}) and e.seq_id <> two.seq_id
                    """, At(a, "headers.chain"), At(b, "headers.chain"));
            case 4:
                b = Pick([.. _sealed.Where(e => e.Stream == a.Stream)], random);
                return a == b ? null : new("swapped versions",
                    Exchange("version", a, b, Invariant($"{a.Version}"), Invariant($"{b.Version}"), "-1"), At(a, "version"),
                        At(b, "version"));
            default:
                b = Pick([.. _sealed.Where(e => e.Version == a.Version)], random);
                return a == b ? null : new("swapped streams",
                    Exchange("stream_id", a, b, $"'{a.Stream}'", $"'{b.Stream}'", "null"), At(a, "stream_id"), At(b, "stream_id"));
        }
    }

    private Edit? Removal(Random random)
    {
        var e = Pick(_sealed, random);
        if (random.Next(2) == 0)
            return _ends[e.Stream] == 1 ? null
                : new("event deleted", $"delete from ledger.mt_events where seq_id = {e.Sequence}", At(e, "id"));
        var stream = Pick(_streams, random);
        var last = _sealed.Last(o => o.Stream == stream);
        switch (random.Next(4))
        {
            case 0:
                return last.Version == 1 ? null : new("last event deleted, version set back", Sql(
                    $"delete from ledger.mt_events where seq_id = {last.Sequence}",
                    $"update ledger.mt_streams set version = version - 1 where id = '{stream}'"), At(last, "id"));
            case 1:
                return new("stream deleted", $"delete from ledger.mt_events where stream_id = '{stream}'", new Place(stream, null, "id"));
            case 2:
                return new("stream deleted with its row", Sql(
                    $"delete from ledger.mt_events where stream_id = '{stream}'", $"delete from ledger.mt_streams where id = '{stream}'"),
                    new Place(stream, null, "id"));
            default:
                var study = Pick(_studies, random);
                var streams = _sealed.Where(o => o.Study == study.ToString()).Select(o => o.Stream).Distinct();
                return new("study deleted", Sql(
                    $"delete from ledger.mt_streams where id in (select stream_id from ledger.mt_events where correlation_id = '{study}')",
                    $"delete from ledger.mt_events where correlation_id = '{study}'"),
                        [.. streams.Select(of => new Place(of, null, "id"))]);
        }
    }

    private Edit Insertion(Random random)
    {
        var (e, stream) = (Pick(_sealed, random), Pick(_streams, random));
        return new("event added", $"""
            insert into ledger.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, correlation_id,
                causation_id, headers, is_archived)
            select {Pick(_gaps, random)}, '{Uuid(random)}', '{stream}', {_ends[stream] + 1}, data, type, timestamp, tenant_id,
                mt_dotnet_type,
                correlation_id, causation_id, '{"{"}"chain": "{new string('b', 64)}"{"}"}', is_archived
            from ledger.mt_events where seq_id = {e.Sequence}
            """, new Place(stream, _ends[stream] + 1, "id"));
    }

    private Edit StreamRow(Random random)
    {
        var stream = Pick(_streams, random);
        var (field, value) = Pick<(string, string)>([
            ("version", "version - 1"), ("version", "0"), ("version", "null"), ("version", "version + 1"), ("version", "version + 1000"),
            ("is_archived", "true"), ("is_archived", "null"), ("type", "'X'"), ("tenant_id", "'another'"), ("tenant_id", "null"),
            ("compacted_version", "3"), ("id", $"'{Uuid(random)}'"), ("", "")], random);
        if (field.Length == 0)
            return new("stream's row deleted", $"delete from ledger.mt_streams where id = '{stream}'",
                new Place(stream, null, "mt_streams.id"));
        var higher = value.Contains('+', StringComparison.Ordinal);
        return new($"stream's row: {field}", $"update ledger.mt_streams set {field} = {value} where id = '{stream}'",
            new Place(stream, higher ? _ends[stream] + 1 : null, $"mt_streams.{field}"))
        {
            AlsoTouched = field == "id" ? [Guid.Parse(value.Trim('\''))] : [],
        };
    }

    private Edit? Tree(Random random)
    {
        if (random.Next(20) == 0)
            return new("ledger's identity", $"update ledger.ledger_identity set id = '{Uuid(random)}'",
                new Place(null, null, "ledger_identity.id"));
        if (random.Next(3) == 0)
        {
            var node = Pick(_nodes, random);
            var change = Pick(["hash = set_byte(hash, 7, 255 - get_byte(hash, 7))", "hash = ''", "level = level + 20",
                "index = index + 1000",
                $"tree = '{Uuid(random)}'", ""], random);
            var where = Invariant($"where tree = '{node.Tree}' and level = {node.Level} and index = {node.Index}");
            return OfTree("tree's node", change, "ledger.tree_nodes", where, node.Tree);
        }
        var block = Pick(_blocks, random);
        var hashAt = random.Next(32 * block.Leaves);
        List<string> changes = ["first = first + 1", "first = first + 1000", "first = -1 - first", "last_sequence = last_sequence + 1",
            "last_sequence = 0", Invariant($"hashes = set_byte(hashes, {hashAt}, 255 - get_byte(hashes, {hashAt}))"),
            "hashes = substring(hashes from 33)", "hashes = hashes || '\\x00'", "hashes = hashes || hashes", $"tree = '{Uuid(random)}'",
                ""];
        if (block.Named)
            changes.AddRange([Invariant($"entries = set_byte(entries, {{0}}, 255 - get_byte(entries, {{0}}))"), "entries = null",
                "entries = ''"]);
        else
            changes.Add("entries = hashes");
        var byteAt = random.Next(48 * block.Leaves);
        return OfTree("tree's block", Pick(changes, random).Replace("{0}", Invariant($"{byteAt}"), StringComparison.Ordinal),
            "ledger.tree_blocks",
            Invariant($"where tree = '{block.Tree}' and first = {block.First}"), block.Tree);
    }

    private static Edit OfTree(string what, string change, string table, string where, Guid tree) => new(
        $"{what}: {(change.Length == 0 ? "deleted" : change.Split(' ')[0])}",
        change.Length == 0 ? $"delete from {table} {where}" : $"update {table} set {change} {where}", new Place(tree, null, "tree_*"))
    {
        AlsoTouched = change.StartsWith("tree", StringComparison.Ordinal) ? [Guid.Parse(change.Split('\'')[1])] : [],
    };

    // The end cut off, and everything that speaks of it.
    private Edit Truncation(Random random)
    {
        var from = _sealed[1 + random.Next(_sealed.Count - 1)].Sequence;
        return new Edit("end cut off", Sql(
            $"delete from ledger.mt_events where seq_id >= {from}",
            $"delete from ledger.mt_events where stream_id = '{LedgerIds.Seals}'",
            "delete from ledger.tree_blocks", "delete from ledger.tree_nodes",
            "delete from ledger.mt_streams s where not exists (select from ledger.mt_events e where e.stream_id = s.id)",
            "update ledger.mt_streams s set version = (select max(version) from ledger.mt_events e where e.stream_id = s.id)"),
            new Place(null, null, "events"))
        {
            NeedsCheckpoint = true,
            // A study whose runs were cut off in the same transaction, and runs whose study's later events name them.
            AlsoTouched = [.. _ends.Keys.Select(stream => (Guid?)stream)],
        };
    }

    private static Edit Set(Event e, string kind, string field, string value, string? column = null) =>
        new(kind, Update(e, column ?? field, value), At(e, field));

    private static string Update(Event e, string column, string value) =>
        Invariant($"update ledger.mt_events set {column} = {value} where seq_id = {e.Sequence}");

    // One after the other, because no two rows may have the same, not even for a moment.
    private static string Exchange(string column, Event a, Event b, string ofA, string ofB, string between)
    {
        var (one, other) = column == "id" ? (Invariant($"seq_id = {a.Sequence}"), Invariant($"seq_id = {b.Sequence}"))
            : ($"id = '{a.Id}'", $"id = '{b.Id}'");
        return Sql(To(between, one), To(ofA, other), To(ofB, one));

        string To(string value, string where) => $"update ledger.mt_events set {column} = {value} where {where}";
    }

    private static Place At(Event e, string field) => new(e.Stream, e.Version, field);

    private static string Sql(params IEnumerable<string> statements) => string.Join("; ", statements);

    private static T Pick<T>(IReadOnlyList<T> of, Random random) => of[random.Next(of.Count)];

    private static T Other<T>(IReadOnlyList<T> of, T but, Random random) where T : notnull
    {
        while (true)
            if (Pick(of, random) is var picked && !picked.Equals(but))
                return picked;
    }

    private static Guid Uuid(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new(bytes);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
