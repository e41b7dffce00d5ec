using System.Globalization;
using LdcLedger.Cli.Tests;
using LdcLedger.Domain;
using LdcLedger.Ledger.Settings;
using LdcLedger.Specs;
using LdcLedger.Torch;
using Xunit;

namespace LdcLedger.Fuzz.Tests;

/// <summary>
/// Every reader on inputs that were changed at random: each is read, or refused in a sentence, within two seconds.
/// LDC_FUZZ_MUTATIONS (default 1,000) and LDC_FUZZ_SEED (default 1) are set by <c>infra/fuzz.sh</c>.
/// </summary>
public sealed class MutatedInputs
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    public static TheoryData<string> Readers => [.. FuzzedReaders.All.Select(reader => reader.Name)];

    [Theory]
    [MemberData(nameof(Readers))]
    public void Every_input_is_read_or_refused_in_a_sentence(string reader)
    {
        var (fuzzed, count, seed) = (FuzzedReaders.Named(reader), Setting("LDC_FUZZ_MUTATIONS", 1000), Setting("LDC_FUZZ_SEED", 1));
        using var folder = new Folder();
        foreach (var (name, bytes) in fuzzed.Beside)
            File.WriteAllBytes(folder[name], bytes);
        var (mutation, begun, failure) = (0, TimeProvider.System.GetTimestamp(), (string?)null);
        // On a thread of its own: one that hangs is told of, and the test goes on without it.
        var reading = new Thread(() =>
        {
            // Up to the one that fails, whose number is told.
            for (; mutation < count; mutation++)
            {
                Volatile.Write(ref begun, TimeProvider.System.GetTimestamp());
                File.WriteAllBytes(folder[fuzzed.File], Mutations.Of(fuzzed.Sample, new Random(HashCode(seed, mutation))));
                failure = FailureOf(fuzzed, folder[fuzzed.File]);
                if (failure is not null)
                    return;
            }
        }) { IsBackground = true };
        reading.Start();
        while (!reading.Join(TimeSpan.FromMilliseconds(50)))
            if (TimeProvider.System.GetElapsedTime(Volatile.Read(ref begun)) > Longest)
            {
                failure = $"is not done with it after {Longest.TotalSeconds} s";
                break;
            }
        Assert.True(failure is null, $"{reader}, mutation {mutation} of seed {seed}, kept as {Keep(fuzzed, folder, failure)}: {failure}");
    }

    /// <summary>Null where the input was read, or refused as it should be.</summary>
    private static string? FailureOf(FuzzedReader reader, string path)
    {
        try
        {
            reader.Read(path);
            return null;
        }
        catch (Exception refused) when (refused is InvalidInputException or InvalidSpecException or RuleViolation or SettingRefused)
        {
            // A spec's findings are a line each.
            var sentence = refused is InvalidSpecException ? refused.Message.Split('\n')[0] : refused.Message;
            return sentence.Contains('\n') ? $"is refused in several lines: {sentence}"
                : sentence.Length > 3_200 ? $"is refused with {sentence.Length} characters: {sentence[..200]}..."
                : sentence.Any(char.IsControl) ? $"is refused with a control character: {sentence}"
                : null;
        }
        catch (Exception other)
        {
            return $"throws {other}";
        }
    }

    private static string? Keep(FuzzedReader reader, Folder folder, string? failure)
    {
        if (failure is null)
            return null;
        var kept = Directory.CreateTempSubdirectory("ldc-fuzz-").FullName;
        foreach (var file in Directory.GetFiles(folder.Path))
            File.Copy(file, Path.Combine(kept, Path.GetFileName(file)));
        return Path.Combine(kept, reader.File);
    }

    // Not the runtime's: that differs from process to process.
    private static int HashCode(int seed, int mutation) => unchecked(seed * 1_000_003 + mutation);

    private static int Setting(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
