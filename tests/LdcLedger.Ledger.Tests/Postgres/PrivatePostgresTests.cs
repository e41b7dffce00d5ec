using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using LdcLedger.Ledger.Postgres;
using Npgsql;
using Xunit;

namespace LdcLedger.Ledger.Tests.Postgres;

public sealed class PrivatePostgresTests : IDisposable
{
    private readonly string _data = TestFolder.Create();

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_second_to_come_joins_and_the_last_to_leave_stops_it()
    {
        var first = await PrivatePostgres.StartAsync(_data, Cancellation);
        var server = ServerProcess();
        var second = await PrivatePostgres.StartAsync(_data, Cancellation);
        Assert.Equal(server, ServerProcess());
        Assert.Equal("on", await ScalarAsync(second, "show fsync"));

        await first.DisposeAsync();
        Assert.Equal("UTC", await ScalarAsync(second, "show timezone"));
        await second.DisposeAsync();
        Assert.False(File.Exists(Path.Combine(_data, "postgres", "postmaster.pid")));
    }

    [Theory]
    [InlineData("postgres.unfinished*")]
    [InlineData("postgres/postmaster.pid")]
    public async Task Whoever_is_asked_to_stop_while_it_begins_leaves_nothing_running_and_the_next_begins_it(string sign)
    {
        using var asked = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var begun = PrivatePostgres.StartAsync(_data, asked.Token);
        var (folder, name) = (Path.Combine(_data, Path.GetDirectoryName(sign)!), Path.GetFileName(sign));
        await WaitForAsync(() => Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder, name).Any());
        await asked.CancelAsync();
        // It may have been quicker: then it has begun, and is left in good order.
        if (await Task.WhenAny(begun) is { IsCompletedSuccessfully: true } whole)
            await (await whole).DisposeAsync();
        else
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => begun);
        Assert.DoesNotContain(Directory.GetDirectories("/proc"), Mentions);
        Directory.CreateDirectory(Path.Combine(_data, "postgres.unfinished-of-another", "base"));
        await using (await PrivatePostgres.StartAsync(_data, Cancellation))
            Assert.Empty(Directory.GetDirectories(_data, sign.StartsWith("postgres.", StringComparison.Ordinal) ? sign : "none"));

        bool Mentions(string process)
        {
            try
            {
                return File.ReadAllText($"{process}/cmdline").Contains(_data, StringComparison.Ordinal);
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task What_was_written_is_there_when_it_is_started_again()
    {
        await using (var first = await PrivatePostgres.StartAsync(_data, Cancellation))
            await ScalarAsync(first, "create table kept as select 41 + 1 as answer");
        await using var second = await PrivatePostgres.StartAsync(_data, Cancellation);
        Assert.Equal(42, await ScalarAsync(second, "select answer from kept"));
    }

    [Fact]
    public async Task A_killed_process_neither_keeps_it_running_nor_others_out()
    {
        // The killed ldc: a process that holds the lock which a user of the server holds, until it is killed.
        using var killed =
            Process.Start(new ProcessStartInfo("flock", ["--shared", "--no-fork", Path.Combine(_data, "postgres.users"), "sleep", "600"]))!;
        await WaitForAsync(() => !CanExclude("postgres.users"));
        var survivor = await PrivatePostgres.StartAsync(_data, Cancellation);
        killed.Kill();
        await killed.WaitForExitAsync(Cancellation);

        await survivor.DisposeAsync();
        Assert.False(File.Exists(Path.Combine(_data, "postgres", "postmaster.pid")));
    }

    [Theory]
    [InlineData("QUIT")]
    [InlineData("KILL")]
    public async Task A_server_that_ended_under_its_users_is_there_again_for_all_of_them_by_the_same_name(string signal)
    {
        await using var first = await PrivatePostgres.StartAsync(_data, Cancellation);
        await using var second = await PrivatePostgres.StartAsync(_data, Cancellation);
        await ScalarAsync(first, "create table kept as select 41 + 1 as answer");
        Assert.False(await first.ReviveAsync(Cancellation));
        using (var kill = Process.Start("kill", [$"-{signal}", $"{ServerProcess()}"]))
            await kill.WaitForExitAsync(Cancellation);

        while (!await first.ReviveAsync(Cancellation))
            await Task.Yield();   // it is still ending
        NpgsqlConnection.ClearAllPools();
        Assert.Equal(42, await ScalarAsync(second, "select answer from kept"));
        Assert.False(await second.ReviveAsync(Cancellation));
    }

    [Fact]
    public async Task A_server_that_was_killed_with_its_machine_starts_again()
    {
        var first = await PrivatePostgres.StartAsync(_data, Cancellation);
        await ScalarAsync(first, "create table kept as select 1 as one");
        NpgsqlConnection.ClearAllPools();
        using (var server = Process.GetProcessById(ServerProcess()))
        {
            server.Kill();
            await server.WaitForExitAsync(Cancellation);
        }
        // After a reboot another process may have the server's old number: here, this one.
        var pidFile = Path.Combine(_data, "postgres", "postmaster.pid");
        var lines = await File.ReadAllLinesAsync(pidFile, Cancellation);
        lines[0] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        await File.WriteAllLinesAsync(pidFile, lines, Cancellation);
        await first.DisposeAsync();

        await using var second = await PrivatePostgres.StartAsync(_data, Cancellation);
        Assert.Equal(1, await ScalarAsync(second, "select one from kept"));
    }

    [Theory]
    [InlineData("dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd")]
    [InlineData("it's, a \"folder\" of \\many ü $(signs)")]
    public async Task A_path_that_a_socket_cannot_have_works_all_the_same(string name)
    {
        var deep = Path.Combine(_data, name);
        await using var first = await PrivatePostgres.StartAsync(deep, Cancellation);
        await using var second = await PrivatePostgres.StartAsync(deep, Cancellation);
        Assert.Equal(1, await ScalarAsync(second, "select 1"));
    }

    [Fact]
    public async Task Without_programs_the_two_ways_out_are_named()
    {
        var refused = await Assert.ThrowsAsync<LedgerUnavailable>(
            () => PrivatePostgres.StartAsync(_data, "/nowhere", "/nowhere/postgresql", Cancellation));
        Assert.Contains("apt install postgresql", refused.Message, StringComparison.Ordinal);
        Assert.Contains("docker compose up", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_of_another_major_version_is_left_alone()
    {
        Directory.CreateDirectory(Path.Combine(_data, "postgres"));
        await File.WriteAllTextAsync(Path.Combine(_data, "postgres", "PG_VERSION"), "9\n", Cancellation);
        var refused = await Assert.ThrowsAsync<LedgerUnavailable>(() => PrivatePostgres.StartAsync(_data, Cancellation));
        Assert.Contains("is of PostgreSQL 9", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_will_not_start_is_quoted()
    {
        await (await PrivatePostgres.StartAsync(_data, Cancellation)).DisposeAsync();
        await File.AppendAllTextAsync(Path.Combine(_data, "postgres", "postgresql.conf"), "shared_buffers = 'plenty'\n", Cancellation);
        var refused = await Assert.ThrowsAsync<LedgerUnavailable>(() => PrivatePostgres.StartAsync(_data, Cancellation));
        Assert.Contains("does not start", refused.Message, StringComparison.Ordinal);
        Assert.Contains("FATAL", refused.Message, StringComparison.Ordinal);
        Assert.Contains("server.log", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_gets_nothing_of_the_environment_and_of_the_open_files_that_is_not_meant_for_it()
    {
        var held = Path.Combine(_data, "held");
        Environment.SetEnvironmentVariable("PGPORT", "6543");   // would be its port
        Environment.SetEnvironmentVariable("LDC_OF_ANOTHER_SERVER", "S3CRET");
        var inherited = OpenFile(held, 0x42, 0b110_100_100);    // read and write, made; passed on to children
        try
        {
            await using var server = await PrivatePostgres.StartAsync(_data, Cancellation);
            var process = $"/proc/{ServerProcess()}";
            Assert.Equal(5432, new NpgsqlConnectionStringBuilder(server.ConnectionString).Port);
            Assert.DoesNotContain("S3CRET", await File.ReadAllTextAsync($"{process}/environ", Cancellation), StringComparison.Ordinal);
            Assert.DoesNotContain(held, Directory.GetFiles($"{process}/fd").Select(f => new FileInfo(f).LinkTarget));
            Assert.Contains(held, Directory.GetFiles("/proc/self/fd").Select(f => new FileInfo(f).LinkTarget));
        }
        finally
        {
            Environment.SetEnvironmentVariable("PGPORT", null);
            Environment.SetEnvironmentVariable("LDC_OF_ANOTHER_SERVER", null);
            new Microsoft.Win32.SafeHandles.SafeFileHandle(inherited, ownsHandle: true).Dispose();
        }
    }

    [DllImport("libc", EntryPoint = "open")]
    private static extern int OpenFile([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, int mode);

    [Fact]
    public void A_new_data_folder_has_the_modes_that_it_needs_whatever_the_umask()
    {
        var folder = Path.Combine(_data, "new", "data");
        var usual = SetUmask(0b111_111_111 & ~0b111_000_000);   // 077
        try
        {
            DataFolder.Create(folder);
        }
        finally
        {
            SetUmask(usual);
        }
        var mode = (UnixFileMode)(Environment.IsPrivilegedProcess ? 0b111_101_101 : 0b111_000_000);
        Assert.Equal((mode, mode), (File.GetUnixFileMode(folder), File.GetUnixFileMode(Path.GetDirectoryName(folder)!)));
    }

    [DllImport("libc", EntryPoint = "umask")]
    private static extern int SetUmask(int mask);

    [Fact]
    public async Task A_folder_that_the_server_s_user_cannot_pass_is_named()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root's server runs as another user.");
        var closed = Directory.CreateDirectory(Path.Combine(_data, "closed"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var refused = await Assert.ThrowsAsync<LedgerUnavailable>(
            () => PrivatePostgres.StartAsync(Path.Combine(closed.FullName, "data"), Cancellation));
        Assert.Contains($"(chmod o+x {closed.FullName})", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_that_is_a_file_is_refused()
    {
        var file = Path.Combine(_data, "file");
        await File.WriteAllTextAsync(file, "", Cancellation);
        var refused = await Assert.ThrowsAsync<LedgerUnavailable>(() => PrivatePostgres.StartAsync(file, Cancellation));
        Assert.Contains("LDC_DATA", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_is_named()
    {
        var refused = await Assert.ThrowsAsync<LedgerUnavailable>(
            () => LedgerDatabase.OpenAsync(_data, "Host=127.0.0.1;Port=1;Username=ann;Database=x", Cancellation));
        Assert.Contains("127.0.0.1:1", refused.Message, StringComparison.Ordinal);
    }

    private int ServerProcess() =>
        int.Parse(File.ReadLines(Path.Combine(_data, "postgres", "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    private bool CanExclude(string name)
    {
        using var file = FileLock.Open(Path.Combine(_data, name));
        return file.TryExclude();
    }

    private static async Task<object?> ScalarAsync(PrivatePostgres server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Cancellation);
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(20, Cancellation);
    }
}
