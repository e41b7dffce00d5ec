using LdcLedger.Ledger.Settings;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Postgres;

namespace LdcLedger.Ledger.Seals;

/// <summary>No seal was made, for a reason that the message says in a sentence. Nothing was recorded.</summary>
public sealed class SealRefused(string message) : Exception(message);

/// <summary>
/// The key that this machine seals with: the PEM file that <c>LDC_SEAL_KEY</c> names, else <c>seal-key.pem</c> in the data folder, which is
/// made for the first seal of a ledger and then stays.
/// </summary>
/// <param name="dataFolder">Where a key is made.</param>
/// <param name="chosen">The file that the setting names; null: none.</param>
public sealed class SealKeys(string dataFolder, string? chosen)
{
    private const string Setting = "LDC_SEAL_KEY";
    private const UnixFileMode OwnerAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Where the key is that is made without being asked for.</summary>
    private string Own => Path.Combine(dataFolder, "seal-key.pem");

    /// <summary>Its public half, for whoever verifies.</summary>
    private string OwnPublic => Path.Combine(dataFolder, "seal-key.pub.pem");

    public static SealKeys FromEnvironment() => new(
        DataFolder.FromEnvironment(), Environment.GetEnvironmentVariable(Setting) is { Length: > 0 } file ? Path.GetFullPath(file) : null);

    /// <summary>The keys whose signatures this machine trusts: its own. Null where it has none.</summary>
    /// <exception cref="SettingRefused">A file cannot be read, or holds no key.</exception>
    public IReadOnlyList<PublicSealKey>? Trusted()
    {
        var files = new[] { chosen, Own, OwnPublic }.Where(file => file is not null && (file == chosen || File.Exists(file)));
        var keys = files.SelectMany(file => Read(file!, PublicSealKey.AllIn)).Distinct().ToList();
        return keys.Count > 0 ? keys : null;
    }

    /// <summary>The key to seal with.</summary>
    /// <param name="signers">Whose signature the newest seal has; empty: there is none yet, and a key may be made.</param>
    /// <returns>The key, and what to tell of it where it was made just now.</returns>
    /// <exception cref="SettingRefused">A file cannot be read, or holds no private key.</exception>
    /// <exception cref="LedgerUnavailable">A new key cannot be written.</exception>
    /// <exception cref="SealRefused">Another key has sealed this ledger, and nobody said that it was to change.</exception>
    public (SealKey Key, string? Made) ForSealing(IReadOnlyCollection<uint> signers)
    {
        if (chosen is not null)
            return (Read(chosen, SealKey.FromPem), null);
        if (File.Exists(Own))
        {
            var own = Read(Own, SealKey.FromPem);
            if (signers.Count == 0 || signers.Contains(own.Public.Id))
                return (own, null);
            var name = own.Public.Name;
            own.Dispose();
            throw new SealRefused(
                $"{Known(signers)}, and the one in {Own} is {name}: name the right one in {Setting}, or, to change it for good, "
                + "this one.");
        }
        return signers.Count == 0 ? Make()
            : throw new SealRefused($"{Known(signers)}, which this machine does not have: name its file in {Setting}.");
    }

    private static string Known(IEnumerable<uint> signers) =>
        $"The seals of this ledger are signed with key {string.Join(" and ", signers.Select(PublicSealKey.NameOf))}";

    // Under another name first, and then only where no other process was faster: there is one key, whole.
    private (SealKey Key, string? Made) Make()
    {
        var key = SealKey.Create();
        try
        {
            Directory.CreateDirectory(dataFolder);
            var unfinished = Path.Combine(dataFolder, $".seal-key-{Environment.ProcessId}-{Path.GetRandomFileName()}");
            using (var file = new FileStream(unfinished, new FileStreamOptions
            {
                Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerAlone,
            }))
            {
                file.Write(System.Text.Encoding.ASCII.GetBytes(key.ToPem()));
                file.Flush(flushToDisk: true);
            }
            try
            {
                File.Move(unfinished, Own, overwrite: false);
            }
            catch (IOException) when (File.Exists(Own))
            {
                key.Dispose();
                return (Read(Own, SealKey.FromPem), null);
            }
            finally
            {
                File.Delete(unfinished);
            }
            File.WriteAllText(OwnPublic, key.Public.ToPem());
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new LedgerUnavailable(
                $"The key for seals cannot be written into {dataFolder} ({cause.Message.TrimEnd('.')}): name a PEM file in {Setting}.",
                cause);
        }
        return (key, $"Seals are signed with a new key, {key.Public.Name}: {Own}, readable by its owner alone. "
            + (IsTemporary(dataFolder)
                ? "Its folder does not last, so neither does the key: "
                    + "these seals show what was done to the ledger only as long as it is there."
                : $"Keep a copy where the database's people do not come; {OwnPublic} is for whoever verifies."));
    }

    /// <summary>
    /// Whether a folder goes with the machine or the container: one in memory, in a container's own layer, or of temporary files.
    /// </summary>
    internal static bool IsTemporary(string folder)
    {
        var below = Path.GetFullPath(folder) + Path.DirectorySeparatorChar;
        if (new[] { Path.GetTempPath(), "/tmp/", "/var/tmp/" }.Any(temporary => below.StartsWith(temporary, StringComparison.Ordinal)))
            return true;
        try
        {
            return new DriveInfo(folder).DriveFormat is "tmpfs" or "ramfs" or "overlay" or "overlayfs";
        }
        catch (Exception cause) when (cause is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return false;   // the kernel does not say
        }
    }

    private static T Read<T>(string file, Func<string, T> parse)
    {
        try
        {
            return parse(File.ReadAllText(file));
        }
        catch (FormatException wrong)
        {
            throw new SettingRefused($"{file} cannot be used for seals: {wrong.Message}.");
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new SettingRefused($"{file}, the key for seals, cannot be read: {cause.Message}");
        }
    }
}
