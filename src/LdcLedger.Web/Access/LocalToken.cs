using System.Security.Cryptography;
using System.Text;
using LdcLedger.Domain;
using LdcLedger.Ledger.Postgres;

namespace LdcLedger.Web.Access;

/// <summary>
/// The token of whoever may read this machine's data folder: <c>LDC_DATA/web.token</c>, mode 0600, made when it is first needed. It is
/// nowhere else: the ledger does not know it. Login links and sessions are signed with keys that derive from it; removing the file ends
/// them all.
/// </summary>
public sealed class LocalToken
{
    public const string FileName = "web.token";

    private const UnixFileMode Ours = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private LocalToken(string text) => Text = text;

    /// <summary>For scripts: <c>Authorization: Bearer</c> and this.</summary>
    public string Text { get; }

    /// <summary>A key for one purpose.</summary>
    internal byte[] Key(string purpose) => HMACSHA256.HashData(Encoding.UTF8.GetBytes(Text), Encoding.UTF8.GetBytes(purpose));

    /// <summary>Reads the file, or makes it; several processes may do so at once.</summary>
    /// <exception cref="RuleViolation">The file holds something else, or others may read it.</exception>
    public static LocalToken In(string dataFolder)
    {
        DataFolder.Create(dataFolder);
        var path = Path.Combine(dataFolder, FileName);
        if (!File.Exists(path))
            Make(path);
        var mode = File.GetUnixFileMode(path);
        if ((mode & ~Ours) != 0)
            throw new RuleViolation($"{path} may be read by others (mode {Convert.ToString((int)mode, 8)}): whoever reads it may use the "
                + "dashboard as an operator. Remove it, and a new one is made.");
        var text = File.ReadAllText(path).Trim();
        return TokenText.IsWhole(text) ? new(text)
            : throw new RuleViolation($"{path} holds no token of ldc; remove it, and a new one is made.");
    }

    // Written whole under another name, then linked: of two processes one wins, and both read what the winner wrote.
    private static void Make(string path)
    {
        var unfinished = $"{path}.{Path.GetRandomFileName()}";
        using (var file = new FileStream(unfinished, new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Ours,
        }))
            file.Write(Encoding.ASCII.GetBytes(TokenText.New() + "\n"));
        try
        {
            File.Move(unfinished, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(unfinished);
        }
    }
}
