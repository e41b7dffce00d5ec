using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace LdcLedger.Ledger.Postgres;

/// <summary>What a program printed, and how it ended.</summary>
internal sealed record Outcome(int ExitCode, string Output, string Errors)
{
    /// <summary>The line of the messages that says most: the last one that complains, else the last.</summary>
    public string Complaint
    {
        get
        {
            var lines = (Errors + "\n" + Output).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return lines.LastOrDefault(
                l => l.Contains("FATAL", StringComparison.Ordinal) || l.Contains("error:", StringComparison.OrdinalIgnoreCase))
                ?? lines.LastOrDefault() ?? $"exit code {ExitCode}";
        }
    }
}

/// <summary>The installed PostgreSQL server programs, and the user they run as (null: this one).</summary>
internal sealed record ServerPrograms(string Folder, int Major, string? User, string? Group)
{
    private static readonly IReadOnlyList<string> Programs = ["initdb", "postgres"];

    private static readonly IReadOnlyList<string> SystemFolders = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"];

    // What a program needs of the environment.
    private static readonly IReadOnlyList<string> Needed = ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"];

    private const string TwoWaysOut = "install PostgreSQL (on Debian and Ubuntu: apt install postgresql), or use docker compose up";

    /// <summary>
    /// Looks on PATH and in /usr/lib/postgresql/*/bin. A cluster that exists needs the programs of its own major version.
    /// </summary>
    /// <param name="cluster">The cluster's folder; it need not exist.</param>
    public static async Task<ServerPrograms> FindAsync(
        string cluster, string? searchPath, string installations, CancellationToken cancellation)
    {
        var made = await MajorOfClusterAsync(cluster, cancellation);
        var onPath = (searchPath ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Where(HasAll).ToList();
        // Debian's folders say what is in them.
        if (onPath.Count == 0 && made is { } version && HasAll(Path.Combine(installations, $"{version}", "bin")))
        {
            var (owner, its) = await UserAsync(cluster, cancellation);
            return new(Path.Combine(installations, $"{version}", "bin"), version, owner, its);
        }
        var found = new List<(string Folder, int Major)>();
        var installed = Directory.Exists(installations)
            ? Directory.GetDirectories(installations).Select(version => Path.Combine(version, "bin"))
            : [];
        foreach (var folder in onPath.Concat(installed.Where(HasAll)).Distinct())
            found.Add((folder, await MajorOfAsync(folder, cancellation)));
        if (found.Count == 0)
            throw new LedgerUnavailable(
                $"No PostgreSQL server programs (initdb, postgres) on PATH or in {installations}/*/bin: {TwoWaysOut}.");

        var (user, group) = await UserAsync(cluster, cancellation);
        if (made is not null)
        {
            var own = found.FirstOrDefault(f => f.Major == made);
            return own.Folder is not null
                ? new(own.Folder, own.Major, user, group)
                : throw new LedgerUnavailable(
                    $"The cluster {cluster} is of PostgreSQL {made}, "
                    + $"and only {string.Join(", ", found.Select(f => f.Major).Distinct().Order())} is installed: "
                    + $"install postgresql-{made}, or move the cluster with pg_upgrade.");
        }
        var (newest, major) = found.MaxBy(f => f.Major);
        return major >= LedgerDatabase.OldestMajor
            ? new(newest, major, user, group)
            : throw new LedgerUnavailable(
                $"PostgreSQL {major} in {newest} is too old, {LedgerDatabase.OldestMajor} or newer is needed: {TwoWaysOut}.");
    }

    private static bool HasAll(string folder) => Programs.All(program => File.Exists(Path.Combine(folder, program)));

    // Null where there is no cluster yet.
    private static async Task<int?> MajorOfClusterAsync(string cluster, CancellationToken cancellation)
    {
        var file = Path.Combine(cluster, "PG_VERSION");
        return File.Exists(file) && int.TryParse(
            await File.ReadAllTextAsync(file, cancellation), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var major)
            ? major : null;
    }

    /// <summary>
    /// Starts the server, which goes on when this process ends; it need not be up yet when this returns.
    /// </summary>
    /// <returns>The number of its process, and what was said when there is none.</returns>
    public async Task<(int Process, string Complaint)> StartServerAsync(string cluster, string log, CancellationToken cancellation)
    {
        // Ctrl-C is for the session it is typed in; nobody waits for this one.
        const string inBackground = """umask 077; log=$1; shift; setsid -- "$@" >>"$log" 2>&1 </dev/null & echo $!""";
        InheritedFiles.StayHere();
        cancellation.ThrowIfCancellationRequested();
        // Who is asked to stop from here on must know which server it has started.
        var started = await RunAsServerUserAsync(
            "sh", ["-c", inBackground, "sh", log, Path.Combine(Folder, "postgres"), "-D", cluster], CancellationToken.None);
        return int.TryParse(started.Output, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var process)
            ? (process, started.Complaint)
                : throw new LedgerUnavailable($"The private PostgreSQL in {cluster} cannot be started: {started.Complaint}.");
    }

    /// <summary>Runs one of the programs, as the server's user.</summary>
    public Task<Outcome> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellation) =>
        RunAsServerUserAsync(Path.Combine(Folder, program), arguments, cancellation);

    public Task<Outcome> RunAsServerUserAsync(string program, IEnumerable<string> arguments, CancellationToken cancellation) =>
        User is null
            ? StartAsync(program, arguments, cancellation)
            : StartAsync("setpriv", [$"--reuid={User}", $"--regid={Group}", "--init-groups", "--", program, .. arguments], cancellation);

    /// <summary>Gives a file or folder to the server's user.</summary>
    public async Task HandOverAsync(string path, CancellationToken cancellation)
    {
        if (User is null)
            return;
        var done = await StartAsync("chown", ["-R", $"{User}:{Group}", path], cancellation);
        if (done.ExitCode != 0)
            throw new LedgerUnavailable($"{path} cannot be given to the user {User}, which runs the private PostgreSQL: {done.Complaint}.");
    }

    // PostgreSQL refuses to run as root: there it runs as the owner of its cluster, at first as postgres.
    private static async Task<(string? User, string? Group)> UserAsync(string cluster, CancellationToken cancellation)
    {
        if (!Environment.IsPrivilegedProcess)
            return (null, null);
        if (Directory.Exists(cluster) && FileOwner.Of(cluster) is (not 0, _) and var owner)
            return ($"{owner.User}", $"{owner.Group}");
        var postgres = await StartAsync("id", ["-u", "postgres"], cancellation);
        if (postgres.ExitCode != 0)
            throw new LedgerUnavailable(
                "PostgreSQL refuses to run as root, and there is no user postgres to run it as: "
                + "create one (useradd --system postgres), run ldc as an ordinary user, or set LDC_POSTGRES.");
        return (postgres.Output.Trim(), (await StartAsync("id", ["-g", "postgres"], cancellation)).Output.Trim());
    }

    private static async Task<int> MajorOfAsync(string folder, CancellationToken cancellation)
    {
        // initdb (PostgreSQL) 15.18 (Debian ...)
        var version = (await StartAsync(Path.Combine(folder, "initdb"), ["--version"], cancellation)).Output;
        var digits = version[(version.IndexOf(')') + 1)..].Trim().TakeWhile(char.IsAsciiDigit);
        return int.TryParse(string.Concat(digits), NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            ? major
            : throw new LedgerUnavailable($"{folder}/initdb does not say which PostgreSQL it is: it printed '{version.Trim()}'.");
    }

    // On PATH; or, since some start us without one, where a system has its programs.
    private static string Found(string program) => program.Contains('/') ? program
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Concat(SystemFolders)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists) ?? program;

    internal static async Task<Outcome> StartAsync(string program, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(Found(program), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        // Passwords of other servers are none of its business, and PGPORT, PGDATA or PGOPTIONS are not meant for it.
        var needed = Needed.Select(name => (name, Value: Environment.GetEnvironmentVariable(name))).ToList();
        start.Environment.Clear();
        foreach (var (name, value) in needed)
            if (value is { Length: > 0 })
                start.Environment[name] = value;
        start.Environment.TryAdd("PATH", string.Join(':', SystemFolders));
        start.Environment["LC_ALL"] = "C";   // messages are quoted to the user and looked through for FATAL
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception cause)
        {
            throw new LedgerUnavailable($"{program} cannot be started: {cause.Message}.", cause);
        }
        using (process)
        {
            process.StandardInput.Close();
            // Waited for also by who was asked to stop: they are short, and one that is left alone would still write when this process has
            // ended and another makes the same files.
            var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
            await process.WaitForExitAsync(CancellationToken.None);
            cancellation.ThrowIfCancellationRequested();
            return new(process.ExitCode, await output, await errors);
        }
    }
}
