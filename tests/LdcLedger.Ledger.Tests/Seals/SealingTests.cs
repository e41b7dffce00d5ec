using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Rules;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Seals;
using LdcLedger.Ledger.Settings;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Tests.Postgres;
using LdcLedger.Ledger.Tests.Relay;
using LdcLedger.Ledger.Verification;
using Npgsql;
using Xunit;

namespace LdcLedger.Ledger.Tests.Seals;

public sealed class SealingTests(TestServer server) : IAsyncLifetime
{
    private readonly EmptyLedger _ledger = new(server);
    private readonly string _folder = TestFolder.Create();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SealKeys Keys => new(_folder, null);

    private Sealing Sealing => new(_ledger.Store, _ledger.Writer, Keys, TimeProvider.System);

    public ValueTask InitializeAsync() => _ledger.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await _ledger.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<Recorded> RecordAsync(params IReadOnlyList<ILedgerEvent> facts) =>
        _ledger.Writer.RecordAsync(facts, cancellation: Cancellation);

    private static AggregationRuleDefined Rule(int number) => new(AggregationRule.BlockSum with { Name = $"rule-{number}" });

    private Task<ChainVerification> VerifyAsync() => ChainVerification.OfAsync(_ledger.Store, new(Keys: Keys.Trusted()), Cancellation);

    [Fact]
    public async Task A_seal_that_was_edited_is_not_handed_out_again()
    {
        await RecordAsync(Rule(1));
        var sealing = await Sealing.SealAsync(Cancellation);
        Assert.Equal(sealing.Fact.Checkpoint, (await Sealing.SealAsync(Cancellation)).Fact.Checkpoint);
        await using (var connection = await _ledger.Store.DataSource.OpenConnectionAsync(Cancellation))
        await using (var edit = new NpgsqlCommand(
            "set session_replication_role = replica; "
            + "update ledger.mt_events set data = jsonb_set(data, '{checkpoint}', '\"x\"') where type = 'ledger_sealed'; "
            + "set session_replication_role = origin", connection))
            await edit.ExecuteNonQueryAsync(Cancellation);
        var refused = await Assert.ThrowsAsync<SealRefused>(() => Sealing.SealAsync(Cancellation));
        Assert.Contains($"the events of stream {LedgerIds.Seals} do not follow from each other", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_seal_covers_everything_before_it_and_names_the_one_before()
    {
        var (study, runs) = Samples.Study("sealed", domains: 2);
        await RecordAsync([study, .. runs, .. runs.SelectMany(run => Samples.Whole(run))]);
        var first = await Sealing.SealAsync(Cancellation);
        await RecordAsync(Rule(1));
        var second = await Sealing.SealAsync(Cancellation);

        var position = 1 + runs.Count + runs.Sum(run => Samples.Whole(run).Count);
        Assert.Equal((true, position, 0L, (string?)null),
            (first.IsNew, first.Fact.Position, first.Fact.PreviousPosition, first.Fact.PreviousRoot));
        Assert.Equal(
            (true, position + 2, first.Fact.Position, first.Fact.Root),
            (second.IsNew, second.Fact.Position, second.Fact.PreviousPosition, second.Fact.PreviousRoot));
        Assert.Equal(await RootAsync(first.Fact.Position), first.Fact.Root);
        Assert.Equal(await RootAsync(second.Fact.Position), second.Fact.Root);
        var checkpoint = Checkpoint.Parse(second.Fact.Checkpoint);
        Assert.Equal(
            (await _ledger.Store.OriginAsync(Cancellation), second.Fact.Position, second.Fact.Root),
            (checkpoint.Origin, checkpoint.Size, checkpoint.Root));
        Assert.Equal(SignatureState.Good, checkpoint.By(Keys.Trusted()!));
        var verified = await VerifyAsync();
        Assert.Empty(verified.Differences);
        Assert.Equal((second.Fact.Position, 2, true),
            (verified.Sealed!.Position, verified.Sealed.Seals, verified.Sealed.AreSignaturesJudged));
    }

    // RFC 6962 over the chain hashes as they stand in the ledger, with nothing of ours but the hashing.
    private async Task<string> RootAsync(long size)
    {
        await using var command =
            _ledger.Store.DataSource.CreateCommand("select headers ->> 'chain' from ledger.mt_events order by seq_id limit $1");
        command.Parameters.Add(new() { Value = size });
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        var tree = new MerkleTree();
        while (await reader.ReadAsync(Cancellation))
            tree.Add(Convert.FromHexString(reader.GetString(0)));
        return tree.Root();
    }

    [Fact]
    public async Task Where_nothing_came_since_the_newest_seal_is_the_answer()
    {
        await RecordAsync(Rule(1));
        var first = await Sealing.SealAsync(Cancellation);
        var again = await Sealing.SealAsync(Cancellation);

        Assert.Equal((false, first.Fact.Checkpoint), (again.IsNew, again.Fact.Checkpoint));
        Assert.Equal((1, 1), (await CountAsync(LedgerIds.Seals), first.Fact.Position));
    }

    private async Task<long> CountAsync(Guid stream)
    {
        await using var command = _ledger.Store.DataSource.CreateCommand("select count(*) from ledger.mt_events where stream_id = $1");
        command.Parameters.Add(new() { Value = stream });
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    [Fact]
    public async Task An_empty_ledger_is_not_sealed()
    {
        await Assert.ThrowsAsync<RuleViolation>(() => Sealing.SealAsync(Cancellation));
        Assert.Null((await VerifyAsync()).Sealed);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task A_tree_that_grows_in_many_steps_over_many_blocks_is_the_tree_of_all_its_leaves()
    {
        var (study, runs) = Samples.Study("grows", domains: 12);
        await RecordAsync([study, .. runs]);
        foreach (var some in runs.SelectMany(run => Samples.Whole(run)).Chunk(97))
        {
            await RecordAsync(some);
            var seal = await Sealing.SealAsync(Cancellation);
            Assert.Equal(await RootAsync(seal.Fact.Position), seal.Fact.Root);
            var root = await StudyRoot.OfAsync(_ledger.Store, study.StudyId, cancellation: Cancellation);
            Assert.Equal(await StudyRootAsync(study.StudyId, long.MaxValue), (root.Position, root.Root));
        }
        Assert.Empty((await VerifyAsync()).Differences);

        // At any place, also between two blocks, and with events that no seal has seen yet.
        await RecordAsync([new Domain.Studies.StudyCancelRequested(study.StudyId, "enough")]);
        for (var upTo = 1L; upTo < 640; upTo += 41)
        {
            var root = await StudyRoot.OfAsync(_ledger.Store, study.StudyId, upTo, Cancellation);
            Assert.Equal(await StudyRootAsync(study.StudyId, upTo), (root.Position, root.Root));
        }
        var now = await StudyRoot.OfAsync(_ledger.Store, study.StudyId, cancellation: Cancellation);
        Assert.Equal(await StudyRootAsync(study.StudyId, long.MaxValue), (now.Position, now.Root));
        Assert.True(now.Position > 600);
    }

    private async Task<(long Position, string Root)> StudyRootAsync(Guid study, long upTo)
    {
        await using var command = _ledger.Store.DataSource.CreateCommand(
            "select headers ->> 'chain' from ledger.mt_events where correlation_id = $1 and seq_id <= $2 order by seq_id");
        command.Parameters.Add(new() { Value = study.ToString() });
        command.Parameters.Add(new() { Value = upTo });
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        var tree = new MerkleTree();
        while (await reader.ReadAsync(Cancellation))
            tree.Add(Convert.FromHexString(reader.GetString(0)));
        return (tree.Count, tree.Root());
    }

    [Fact]
    public async Task Every_event_under_a_seal_has_a_proof_that_holds_without_the_ledger()
    {
        var (study, runs) = Samples.Study("proved", domains: 6);
        await RecordAsync([study, .. runs]);
        await RecordAsync([.. runs.SelectMany(run => Samples.Whole(run))]);
        await Sealing.SealAsync(Cancellation);
        await RecordAsync(Rule(1));
        await Sealing.SealAsync(Cancellation);
        var root = await StudyRoot.OfAsync(_ledger.Store, study.StudyId, cancellation: Cancellation);
        var proving = new Proving(_ledger.Store, TimeProvider.System);
        Assert.True(root.Position > 256);

        var ids = await IdsAsync();
        for (var i = 0; i < ids.Count; i += 13)
        {
            var proof = InclusionProof.Read((await proving.ProveAsync(ids[i].ToString(), Cancellation)).ToJson());
            Assert.Empty(proof.Check());
            if (i >= ids.Count - 1)
                continue;   // the newest seal itself is under none
            Assert.Equal(i, proof.InSeal!.Index);
            Assert.Equal(SignatureState.Good, Checkpoint.Parse(proof.Checkpoint!).By(Keys.Trusted()!));
        }
        var last = await proving.ProveAsync(EventIds.Of(Samples.Whole(runs[^1])[^1]).ToString()[..13], Cancellation);
        Assert.Equal((root.Position - 1, root.Position, root.Root), (last.InStudy!.Index, last.InStudy.Size, last.InStudy.Root));
        var rule = await proving.ProveAsync(EventIds.Of(Rule(1)).ToString(), Cancellation);
        Assert.Null(rule.InStudy);
        Assert.NotNull(rule.InSeal);

        await RecordAsync([new Domain.Studies.StudyCancelRequested(study.StudyId, "enough")]);
        var open = await proving.ProveAsync(EventIds.Of(new Domain.Studies.StudyCancelRequested(study.StudyId, "")).ToString(),
            Cancellation);
        Assert.Empty(open.Check());
        Assert.Equal((root.Position, (TreePlace?)null, (string?)null), (open.InStudy!.Index, open.InSeal, open.Checkpoint));
        await Assert.ThrowsAsync<RuleViolation>(() => proving.ProveAsync("ffffffffffff", Cancellation));
        await Assert.ThrowsAsync<RuleViolation>(() => proving.ProveAsync("no id", Cancellation));
    }

    private async Task<List<Guid>> IdsAsync()
    {
        await using var command = _ledger.Store.DataSource.CreateCommand("select id from ledger.mt_events order by seq_id");
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        List<Guid> ids = [];
        while (await reader.ReadAsync(Cancellation))
            ids.Add(reader.GetGuid(0));
        return ids;
    }

    // The case that the high-water mark is for: a place is drawn, another one is drawn and committed, and a seal is asked for.
    [Fact]
    public async Task A_seal_waits_for_appends_that_have_drawn_an_earlier_place()
    {
        await RecordAsync(Rule(1));
        await using var connection = await _ledger.Store.DataSource.OpenConnectionAsync(Cancellation);
        await using var slow = await connection.BeginTransactionAsync(Cancellation);
        var (study, runs) = Samples.Study("slow");
        await _ledger.Writer.AppendAsync(slow, [study, .. runs], new Dictionary<Guid, StreamHead>(), Cancellation);
        await RecordAsync(Rule(2));

        var sealing = Sealing.SealAsync(Cancellation);
        await WaitingAsync();
        Assert.False(sealing.IsCompleted);
        await RecordAsync(Rule(3));   // appends do not wait for it
        await slow.CommitAsync(Cancellation);

        Assert.InRange((await sealing).Fact.Position, 3 + runs.Count, 4 + runs.Count);
        Assert.Empty((await VerifyAsync()).Differences);
    }

    // Until the sealing has asked twice who is appending.
    private async Task WaitingAsync()
    {
        await using var connection = await _ledger.Store.DataSource.OpenConnectionAsync(Cancellation);
        await using var command = new NpgsqlCommand(
            "select count(*) from pg_stat_activity where query like '%virtualtransaction from pg_locks%' and pid <> pg_backend_pid()",
                connection);
        while ((long)(await command.ExecuteScalarAsync(Cancellation))! == 0)
            await Task.Delay(5, Cancellation);
    }

    [Fact]
    public async Task Many_seals_at_once_beside_appends_are_one_after_another_and_whole()
    {
        await RecordAsync(Rule(0));
        var appending = Task.Run(async () =>
        {
            for (var i = 1; i <= 40; i++)
                await RecordAsync(Rule(i));
        }, Cancellation);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => Sealing.SealAsync(Cancellation), Cancellation)));
        await appending;
        await Sealing.SealAsync(Cancellation);

        Assert.Empty((await VerifyAsync()).Differences);
    }

    // Places: 1 a rule, 2 its seal, 3 another rule, 4 and on a study.
    [Theory]
    [InlineData("update ledger.mt_events set data = jsonb_set(data, '{rule,top}', '9') where seq_id = 3", "do not follow from each other")]
    [InlineData("update ledger.mt_events set is_archived = true where seq_id = 4", "is_archived")]
    [InlineData("delete from ledger.mt_events where seq_id = 3", "does not end where its row says")]
    [InlineData("update ledger.tree_blocks set hashes = set_byte(hashes, 0, 255 - get_byte(hashes, 0))", "not the one that was sealed")]
    [InlineData("update ledger.mt_events set seq_id = 100 where seq_id = 1", "not the one that was sealed")]
    [InlineData("delete from ledger.tree_blocks", "its newest seal is over 1 events, and its tree has 0")]
    public async Task What_is_not_what_was_recorded_is_not_sealed(string tampering, string why)
    {
        await RecordAsync(Rule(1));
        await Sealing.SealAsync(Cancellation);
        await RecordAsync(Rule(2));
        var (study, runs) = Samples.Study("after the seal");
        await RecordAsync([study, .. runs]);
        await TamperAsync(tampering);

        var refused = await Assert.ThrowsAsync<SealRefused>(() => Sealing.SealAsync(Cancellation));
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.Equal(1, await CountAsync(LedgerIds.Seals));
    }

    private async Task TamperAsync(string sql)
    {
        await using var command =
            _ledger.Store.DataSource.CreateCommand($"set session_replication_role = replica; {sql}; reset session_replication_role");
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    [Fact]
    public async Task The_process_that_leads_seals_when_a_study_completes_or_has_completed_before()
    {
        var (study, runs) = Samples.Study("completes", regimes: [Domain.Layers.Regimes.Mlp]);
        await RecordAsync([study, .. runs]);
        Assert.False(await Sealing.IsDueAsync(Cancellation));
        await using (await StudyHost.StartAsync(_ledger.Store, daemon: true, worker: true))
            while (!await Sealing.IsDueAsync(Cancellation))
                await Task.Delay(20, Cancellation);
        Assert.Null(await Sealing.NewestAsync(Cancellation));   // that one had no keys

        await using (await StudyHost.StartAsync(_ledger.Store, daemon: true, worker: true, seals: Keys))
        {
            var first = await SealedAsync(0);
            Assert.False(await Sealing.IsDueAsync(Cancellation));
            var (another, more) = Samples.Study("completes, too", regimes: [Domain.Layers.Regimes.Mlp]);
            await RecordAsync([another, .. more]);
            Assert.Equal(first.Root, (await SealedAsync(first.Position)).PreviousRoot);
        }
        Assert.Empty((await VerifyAsync()).Differences);
    }

    private async Task<LedgerSealed> SealedAsync(long after)
    {
        while (true)
        {
            if (await Sealing.NewestAsync(Cancellation) is { } newest && newest.Position > after)
                return newest;
            await Task.Delay(50, Cancellation);
        }
    }

    [Fact]
    public async Task The_key_is_made_once_for_its_owner_alone_and_changed_only_on_purpose()
    {
        await RecordAsync(Rule(1));
        var first = await Sealing.SealAsync(Cancellation);
        var file = Path.Combine(_folder, "seal-key.pem");
        Assert.Contains(file, first.MadeKey, StringComparison.Ordinal);
        Assert.Contains("does not last", first.MadeKey, StringComparison.Ordinal);   // it is under /tmp
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        await RecordAsync(Rule(2));
        Assert.Null((await Sealing.SealAsync(Cancellation)).MadeKey);

        // Another machine has no key, or another: it does not seal, and makes none.
        await RecordAsync(Rule(3));
        var elsewhere = TestFolder.Create();
        try
        {
            var there = new Sealing(_ledger.Store, _ledger.Writer, new(elsewhere, null), TimeProvider.System);
            Assert.Contains("which this machine does not have",
                (await Assert.ThrowsAsync<SealRefused>(() => there.SealAsync(Cancellation))).Message,
                StringComparison.Ordinal);
            Assert.Empty(Directory.GetFiles(elsewhere));
            using var other = SealKey.Create();
            await File.WriteAllTextAsync(Path.Combine(elsewhere, "seal-key.pem"), other.ToPem(), Cancellation);
            Assert.Contains($"is {other.Public.Name}", (await Assert.ThrowsAsync<SealRefused>(() => there.SealAsync(Cancellation))).Message,
                StringComparison.Ordinal);

            // Named in the setting, it takes over; whoever verifies has to know both.
            var named = new SealKeys(_folder, Path.Combine(elsewhere, "seal-key.pem"));
            Assert.True((await new Sealing(_ledger.Store, _ledger.Writer, named, TimeProvider.System).SealAsync(Cancellation)).IsNew);
            Assert.Empty((await ChainVerification.OfAsync(_ledger.Store, new(Keys: named.Trusted()), Cancellation)).Differences);
            var foreign = Assert.Single((await VerifyAsync()).Differences);
            Assert.Equal((DifferenceKind.Seal, LedgerIds.Seals, 3), (foreign.Kind, foreign.Stream, foreign.Version));
        }
        finally
        {
            Directory.Delete(elsewhere, recursive: true);
        }
    }

    [Fact]
    public void A_setting_that_names_no_key_is_refused()
    {
        var file = Path.Combine(_folder, "none.pem");
        Assert.Throws<SettingRefused>(() => new SealKeys(_folder, file).ForSealing([]));
        File.WriteAllText(file, "no key");
        var refused = Assert.Throws<SettingRefused>(() => new SealKeys(_folder, file).ForSealing([]));
        Assert.Contains("cannot be used for seals: it holds no private key", refused.Message, StringComparison.Ordinal);
        Assert.Throws<SettingRefused>(() => new SealKeys(_folder, file).Trusted());
    }
}
