using System.Text.Json;
using LdcLedger.Torch.Models;

namespace LdcLedger.Torch.Golden;

/// <summary>A folder of reference values: <c>golden.json</c> says of which kind they are.</summary>
/// <param name="Directory">The case's folder; paths inside the case are relative to it.</param>
/// <param name="Kind">shapes, logits, nf4, tokenizer, trace or full-trace.</param>
public sealed record GoldenCase(string Directory, string Kind)
{
    internal string PathOf(string relative) => Path.GetFullPath(Path.Combine(Directory, relative));

    /// <summary>The whole of golden.json.</summary>
    /// <exception cref="InvalidInputException">It is not JSON.</exception>
    internal JsonElement Read() => GoldenCases.Parse(Path.Combine(Directory, GoldenCases.FileName));

    /// <summary>A value that the case must have.</summary>
    internal static JsonElement Need(JsonElement of, string key, string where) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(key, out var value)
            ? value : throw new InvalidInputException($"The reference case {where} has no {key}.");
}

/// <summary>Finds reference cases, and compares what we compute with what Hugging Face's code gave.</summary>
public static class GoldenCases
{
    internal const string FileName = "golden.json";

    /// <summary>The case in a folder, or all cases of a tree, in order of path.</summary>
    /// <exception cref="InvalidInputException">The folder does not exist, or a golden.json cannot be read.</exception>
    public static IReadOnlyList<GoldenCase> Find(string directory)
    {
        if (!Directory.Exists(directory))
            throw new InvalidInputException($"{directory} is not a folder; one with golden.json in it, or a tree of such, is needed.");
        return [.. Directory.EnumerateFiles(directory, FileName, SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path =>
        {
            var kind = Parse(path) is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("kind", out var named)
                && named.ValueKind == JsonValueKind.String ? named.GetString()! : "";
            return kind.Length > 0 ? new GoldenCase(Path.GetDirectoryName(path)!, kind)
                : throw new InvalidInputException($"{path} does not state its kind.");
        })];
    }

    /// <summary>Every comparison of a case.</summary>
    /// <param name="golden">As found by <see cref="Find"/>.</param>
    /// <param name="device">Where it is computed: cpu, cuda or cuda:N.</param>
    /// <exception cref="InvalidInputException">The case is incomplete, or of an unknown kind.</exception>
    public static IReadOnlyList<GoldenCheck> Verify(GoldenCase golden, string device = "cpu")
    {
        BaseModel Load(string directory) => BaseModel.Load(directory, device: device);
        try
        {
            return golden.Kind switch
            {
                "shapes" => ShapesCase.Verify(golden),
                "logits" => LogitsCase.Verify(golden, Load),
                "nf4" => Nf4Case.Verify(golden, device),
                "tokenizer" => TokenizerCase.Verify(golden.Directory),
                "trace" or "full-trace" => TraceCase.Verify(golden, Load),
                _ => throw new InvalidInputException(
                    $"{golden.Directory} is of kind {golden.Kind}; shapes, logits, nf4, tokenizer, trace and full-trace are known."),
            };
        }
        catch (Exception failure) when (failure is InvalidOperationException or FormatException or KeyNotFoundException
            or OverflowException or ArgumentException or IndexOutOfRangeException)
        {
            throw new InvalidInputException(
                $"The reference case {golden.Directory} does not fit its kind, {golden.Kind}: {failure.Message}", failure);
        }
    }

    internal static JsonElement Parse(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.Clone();
        }
        catch (JsonException failure)
        {
            throw new InvalidInputException($"{path} is not JSON: {failure.Message}", failure);
        }
    }
}

/// <summary>
/// Errors as the reference cases define them. Whatever is not finite, or of another length, compares as NaN and so never passes.
/// </summary>
internal static class GoldenError
{
    /// <summary>max|ours - theirs| / max|theirs|.</summary>
    public static double MaxRelative(ReadOnlySpan<float> ours, ReadOnlySpan<float> theirs)
    {
        if (ours.Length != theirs.Length) return double.NaN;
        double worst = 0, largest = 0;
        for (var i = 0; i < ours.Length; i++)
        {
            var difference = Math.Abs((double)ours[i] - theirs[i]);
            if (!double.IsFinite(difference)) return double.NaN;
            worst = Math.Max(worst, difference);
            largest = Math.Max(largest, Math.Abs((double)theirs[i]));
        }
        return worst == 0 ? 0 : worst / largest;
    }

    /// <summary>||ours - theirs||_F / ||theirs||_F.</summary>
    public static double FrobeniusRelative(ReadOnlySpan<float> ours, ReadOnlySpan<float> theirs)
    {
        if (ours.Length != theirs.Length) return double.NaN;
        double difference = 0, size = 0;
        for (var i = 0; i < ours.Length; i++)
        {
            difference += ((double)ours[i] - theirs[i]) * ((double)ours[i] - theirs[i]);
            size += (double)theirs[i] * theirs[i];
        }
        return difference == 0 ? 0 : Math.Sqrt(difference / size);
    }

    /// <summary>|ours - theirs| / |theirs|; a 0 must be 0.</summary>
    public static double Relative(double ours, double theirs)
    {
        if (!double.IsFinite(ours) || !double.IsFinite(theirs)) return double.NaN;
        return ours == theirs ? 0 : Math.Abs(ours - theirs) / Math.Abs(theirs);
    }
}
