using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace LdcLedger.Ledger.Postgres;

/// <summary>
/// A PostgreSQL cluster of our own in <c>&lt;data&gt;/postgres</c>, made from the installed programs: nothing to configure, nobody else
/// gets in (a Unix socket in a folder of mode 0700, peer authentication). The first ldc starts it, others join it, the last to leave stops
/// it.
/// </summary>
/// <remarks>
/// Who uses it is told by shared flock(2) locks on <c>postgres.users</c>; starting and stopping is one at a time, by an exclusive lock on
/// <c>postgres.door</c>. A killed process loses its locks with its life, so the next to leave still stops the server.
/// </remarks>
public sealed class PrivatePostgres : IAsyncDisposable
{
    private const string User = "ldc", Database = "ldc", Unfinished = ".unfinished";
    private static readonly TimeSpan ChildrenEndTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);   // after a crash it reads its log again
    private static readonly TimeSpan StopTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(3);

    private readonly string _cluster, _socket;
    private readonly ServerPrograms _programs;
    private readonly FileLock _door, _users;
    private bool _left;

    private PrivatePostgres(string cluster, ServerPrograms programs, FileLock door, FileLock users, string socketFolder)
    {
        (_cluster, _programs, _door, _users, _socket) = (cluster, programs, door, users, socketFolder);
        ConnectionString = ConnectionTo(socketFolder);
    }

    /// <summary>Npgsql's form, for the superuser of the cluster and its database <c>ldc</c>.</summary>
    public string ConnectionString { get; }

    /// <summary>The server's log.</summary>
    public string LogFile => LogOf(_cluster);

    /// <summary>Creates the cluster where there is none, starts its server where none runs, and joins it.</summary>
    /// <exception cref="LedgerUnavailable">
    /// No programs, a folder that cannot be used, another major version, a server that does not start.
    /// </exception>
    public static Task<PrivatePostgres> StartAsync(string dataFolder, CancellationToken cancellation = default) =>
        StartAsync(dataFolder, Environment.GetEnvironmentVariable("PATH"), "/usr/lib/postgresql", cancellation);

    internal static async Task<PrivatePostgres> StartAsync(
        string dataFolder, string? searchPath, string installations, CancellationToken cancellation)
    {
        dataFolder = Path.GetFullPath(dataFolder);
        DataFolder.Prepare(dataFolder);
        var cluster = Path.Combine(dataFolder, "postgres");
        var door = FileLock.Open(Path.Combine(dataFolder, "postgres.door"));
        var users = FileLock.Open(Path.Combine(dataFolder, "postgres.users"));
        try
        {
            await door.ExcludeAsync(cancellation);
            var programs = await ServerPrograms.FindAsync(cluster, searchPath, installations, cancellation);
            if (!File.Exists(Path.Combine(cluster, "PG_VERSION")))
                await CreateAsync(cluster, dataFolder, programs, cancellation);
            var alone = users.TryExclude();
            if (SocketFolderOf(cluster) is not { } socket || !await AnswersAsync(socket, cancellation))
                socket = await StartServerAsync(cluster, programs, alone, null, cancellation);
            if (!users.TryShare())
                throw new LedgerUnavailable(
                    $"{dataFolder}/postgres.users cannot be locked: the folder's file system has no flock; "
                    + "set LDC_DATA to a local folder.");
            door.LetGo();
            return new(cluster, programs, door, users, socket);
        }
        catch
        {
            users.Dispose();
            door.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Starts the server again where it has ended while this process uses it: killed, or for want of memory. Not beside
    /// <see cref="DisposeAsync"/>.
    /// </summary>
    /// <returns>Whether it had.</returns>
    /// <exception cref="LedgerUnavailable">It does not start.</exception>
    public async Task<bool> ReviveAsync(CancellationToken cancellation = default)
    {
        if (ServerOf(_cluster) is not null)
            return false;
        await _door.ExcludeAsync(cancellation);
        try
        {
            if (ServerOf(_cluster) is not null)
                return false;   // another process was quicker
            await StartServerAsync(_cluster, _programs, true, _socket, cancellation);
            return true;
        }
        finally
        {
            _door.LetGo();
        }
    }

    /// <summary>Leaves; the last to leave stops the server.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_left)
            return;
        _left = true;
        try
        {
            await _door.ExcludeAsync(CancellationToken.None);
            _users.LetGo();
            if (_users.TryExclude())
            {
                NpgsqlConnection.ClearAllPools();
                var socket = SocketFolderOf(_cluster);
                if (ServerOf(_cluster) is { } server)
                    await ServerProcess.StopAsync(server, StopTimeout);
                if (socket is not null && socket != _cluster && Directory.Exists(socket))
                    Directory.Delete(socket, recursive: true);
            }
        }
        finally
        {
            _users.Dispose();
            _door.Dispose();
        }
    }

    // Into a temporary name that is renamed when all is there: a cluster is whole or not there at all.
    private static async Task CreateAsync(string cluster, string dataFolder, ServerPrograms programs, CancellationToken cancellation)
    {
        RemoveUnfinished(cluster);
        var unfinished = $"{cluster}{Unfinished}-{Path.GetRandomFileName()}";
        Directory.CreateDirectory(unfinished, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await programs.HandOverAsync(unfinished, cancellation);
        var reachable = await programs.RunAsServerUserAsync("test", ["-w", unfinished], cancellation);
        if (reachable.ExitCode != 0)
        {
            Directory.Delete(unfinished);
            throw new LedgerUnavailable(
                $"The data folder {dataFolder} cannot be reached by the user postgres, which runs the private PostgreSQL: let others pass "
                + $"(chmod o+x {await ClosedFolderAsync(dataFolder, programs, cancellation)}), or set LDC_DATA to another folder.");
        }
        var made = await programs.RunAsync("initdb",
            ["-D", unfinished, "-U", User, "--encoding=UTF8", "--locale=C", "--auth-local=peer", "--auth-host=reject"], cancellation);
        if (made.ExitCode != 0)
        {
            Directory.Delete(unfinished, recursive: true);
            throw new LedgerUnavailable($"The private PostgreSQL cluster cannot be created in {dataFolder}: {made.Complaint}");
        }
        // Before there is a server: by the program itself, which reads what to do and says what it could not.
        var filled = await programs.RunAsServerUserAsync(
            "sh", ["-c", """echo "create database $2" | "$0" --single -D "$1" postgres""", Path.Combine(programs.Folder, "postgres"),
                unfinished, Database], cancellation);
        if (filled.ExitCode != 0 || filled.Errors.Contains("ERROR:", StringComparison.Ordinal))
        {
            Directory.Delete(unfinished, recursive: true);
            throw new LedgerUnavailable($"The private PostgreSQL cluster cannot be created in {dataFolder}: {filled.Complaint}");
        }
        try
        {
            await File.WriteAllTextAsync(Path.Combine(unfinished, "pg_hba.conf"), $"local all {User} peer map=ldc\n", cancellation);
            await File.WriteAllTextAsync(Path.Combine(unfinished, "pg_ident.conf"),
                string.Concat(new[] { "root", "postgres", Environment.UserName }.Distinct().Select(name => $"ldc \"{name}\" {User}\n")),
                cancellation);
            await File.AppendAllTextAsync(Path.Combine(unfinished, "postgresql.conf"), """

                # LdcLedger
                listen_addresses = ''
                unix_socket_permissions = 0700
                max_connections = 200
                fsync = on
                synchronous_commit = on
                full_page_writes = on
                timezone = 'UTC'
                log_timezone = 'UTC'
                include_if_exists = 'socket.conf'

                """, cancellation);
            Directory.Move(unfinished, cluster);
        }
        catch (IOException cause)
        {
            throw new LedgerUnavailable($"The private PostgreSQL cluster cannot be created in {dataFolder}: {cause.Message}", cause);
        }
    }

    // What others began and were killed over. An initdb that outlived its ldc may be at work there; then the next to come removes it.
    private static void RemoveUnfinished(string cluster)
    {
        foreach (var left in Directory.GetDirectories(Path.GetDirectoryName(cluster)!, $"{Path.GetFileName(cluster)}{Unfinished}*"))
        {
            try
            {
                Directory.Delete(left, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is in nobody's way.
            }
        }
    }

    // The outermost folder that the server's user cannot pass; the data folder itself where it is none of them.
    private static async Task<string> ClosedFolderAsync(string folder, ServerPrograms programs, CancellationToken cancellation)
    {
        var above = new Stack<string>();
        for (var each = folder; each is not null; each = Path.GetDirectoryName(each))
            above.Push(each);
        foreach (var each in above)
            if ((await programs.RunAsServerUserAsync("test", ["-x", each], cancellation)).ExitCode != 0)
                return each;
        return folder;
    }

    /// <param name="known">The folder of the socket by which others know it; null: nobody does.</param>
    private static async Task<string> StartServerAsync(
        string cluster, ServerPrograms programs, bool alone, string? known, CancellationToken cancellation)
    {
        if (alone)
            await ClearTracesOfACrashAsync(cluster, cancellation);
        var socket = known ?? cluster;
        if (known is null && !SocketFolder.Suits(cluster))
        {
            socket = SocketFolder.Create();
            await programs.HandOverAsync(socket, cancellation);
        }
        var setting = Path.Combine(cluster, "socket.conf");
        await File.WriteAllTextAsync(
            setting, $"unix_socket_directories = '{socket}'\n", cancellation);
        await programs.HandOverAsync(setting, cancellation);
        var log = LogOf(cluster);
        var before = File.Exists(log) ? new FileInfo(log).Length : 0;
        var (server, complaint) = await programs.StartServerAsync(cluster, log, cancellation);
        var waited = Stopwatch.StartNew();
        while (ServerProcess.IsAlive(server) && waited.Elapsed < StartTimeout)
        {
            if (IsReady(cluster, server))
                return socket;
            // Whoever is asked to stop leaves no server behind that nobody uses.
            if (cancellation.IsCancellationRequested && alone)
                await ServerProcess.StopAsync(server, StopTimeout);
            cancellation.ThrowIfCancellationRequested();
            await Task.Delay(LookInterval, CancellationToken.None);
        }
        throw new LedgerUnavailable(
            $"The private PostgreSQL in {cluster} does not start: {LastWords(log, before) ?? complaint} (log: {log})");
    }

    // The running server's own word, as pg_ctl takes it: lines 1 and 8 of postmaster.pid.
    private static bool IsReady(string cluster, int server) =>
        ServerLine(cluster, 0) == $"{server}" && ServerLine(cluster, 7) == "ready";

    private static string? LastWords(string log, long from)
    {
        if (!File.Exists(log))
            return null;
        using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Seek(Math.Min(from, file.Length), SeekOrigin.Begin);
        using var reader = new StreamReader(file);
        var words = new Outcome(0, reader.ReadToEnd(), "").Complaint;
        return words == "exit code 0" ? null : words;
    }

    // After a crash of the machine another process may have got the server's old number, and PostgreSQL would take it for a server. After
    // one of the server alone its children end by themselves, and must have before another may touch the files.
    private static async Task ClearTracesOfACrashAsync(string cluster, CancellationToken cancellation)
    {
        var waited = Stopwatch.StartNew();
        while (ServerProcess.WorksIn(cluster))
        {
            if (waited.Elapsed > ChildrenEndTimeout)
                throw new LedgerUnavailable(
                    $"A PostgreSQL that does not answer holds {cluster}: end the postgres processes that work there and try again.");
            await Task.Delay(50, cancellation);
        }
        // Of its socket, too: what killed it may not have been told of its end, and then its number still counts as a server's.
        foreach (var folder in ((string?[])[SocketFolderOf(cluster), cluster]).OfType<string>().Where(Directory.Exists))
            foreach (var trace in Directory.EnumerateFiles(folder, ".s.PGSQL.*"))
                File.Delete(trace);
        File.Delete(Path.Combine(cluster, "postmaster.pid"));
    }

    private static async Task<bool> AnswersAsync(string socket, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionTo(socket) + ";Pooling=false;Timeout=5");
                await connection.OpenAsync(cancellation);
                return true;
            }
            catch (PostgresException starting) when (starting.SqlState == PostgresErrorCodes.CannotConnectNow)
            {
                await Task.Delay(50, cancellation);   // it recovers from a crash
            }
            catch (NpgsqlException)
            {
                return false;
            }
        }
    }

    // The running server's own word: line 5 of postmaster.pid.
    private static string? SocketFolderOf(string cluster) => ServerLine(cluster, 4) is { Length: > 0 } folder ? folder : null;

    // The process that has the number of postmaster.pid, if it is a server that works there: after a crash it may be anything.
    private static int? ServerOf(string cluster) =>
        int.TryParse(ServerLine(cluster, 0), NumberStyles.None, CultureInfo.InvariantCulture, out var server)
            && ServerProcess.WorksIn(cluster, server) ? server : null;

    private static string? ServerLine(string cluster, int line)
    {
        var pidFile = Path.Combine(cluster, "postmaster.pid");
        try
        {
            return File.Exists(pidFile) ? File.ReadLines(pidFile).ElementAtOrDefault(line)?.Trim('"', ' ') : null;
        }
        catch (FileNotFoundException)
        {
            return null;   // it has just ended
        }
    }

    private static string LogOf(string cluster) => Path.Combine(cluster, "server.log");

    // Whatever Npgsql reads from the environment where nothing is said is meant for other servers.
    private static string ConnectionTo(string socketFolder) => new NpgsqlConnectionStringBuilder
    {
        Host = socketFolder, Port = NpgsqlConnection.DefaultPort, Username = User, Database = Database,
        SslMode = SslMode.Disable, ClientEncoding = "UTF8", Timezone = "UTC", Options = "-c timezone=UTC",
    }.ConnectionString;
}
