using System.Collections.Concurrent;
using System.Text;

namespace LdcLedger.Ledger.Settings;

/// <summary>
/// A setting that may hold a password: from the environment variable, or from the file that the variable with <c>_FILE</c> appended names,
/// as container engines mount secrets.
/// </summary>
public static class EnvironmentSecret
{
    private const int LongestValue = 64 << 10;   // bytes; /dev/zero has no end

    // A pipe can be read once, and several parts of a process ask.
    private static readonly ConcurrentDictionary<string, Lazy<string>> Files = new();

    /// <summary>For how long a pipe that nobody writes to is waited for.</summary>
    internal static readonly TimeSpan PipeTimeout = TimeSpan.FromSeconds(5);

    /// <returns>Null where neither is set; without the white space around it.</returns>
    /// <exception cref="SettingRefused">The file cannot be read, or holds nothing.</exception>
    public static string? Read(string variable)
    {
        if (Environment.GetEnvironmentVariable(variable) is { } value && !string.IsNullOrWhiteSpace(value))
            return value.Trim();
        return Environment.GetEnvironmentVariable(variable + "_FILE") is { Length: > 0 } file
            ? Files.GetOrAdd(file, path => new(() => ReadFile($"{variable}_FILE", path, PipeTimeout))).Value
            : null;
    }

    /// <summary>The whole text of a file, a pipe included; what it names is part of what is said, what it holds is not.</summary>
    internal static string ReadFile(string variable, string path, TimeSpan pipeTimeout)
    {
        if (Directory.Exists(path))
            throw new SettingRefused($"{variable} names {path}, which is a folder; it names a file that holds the value.");
        try
        {
            // Opening a pipe waits for its writer, and nothing can interrupt that: a thread that does not keep the process alive.
            var reading = Task.Factory.StartNew(
                () => ReadBytes(path), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            if (!((IAsyncResult)reading).AsyncWaitHandle.WaitOne(pipeTimeout))
                throw new SettingRefused(
                    $"{variable} names {path}, which gives nothing: it seems to be a pipe or terminal that nobody writes to.");
            var bytes = reading.GetAwaiter().GetResult();
            if (bytes.Length > LongestValue)
                throw new SettingRefused($"{variable} names {path}, which is too long for a setting (more than {LongestValue >> 10} KiB).");
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes).Trim('\uFEFF', ' ', '\t', '\r', '\n');
            return text.Length > 0 ? text : throw new SettingRefused($"{variable} names {path}, which is empty.");
        }
        catch (DecoderFallbackException)
        {
            throw new SettingRefused($"{variable} names {path}, which is not text (UTF-8).");
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new SettingRefused($"{variable} names {path}, which cannot be read: {cause.Message}");
        }
    }

    private static byte[] ReadBytes(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        var bytes = new byte[LongestValue + 1];
        return bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
    }
}
