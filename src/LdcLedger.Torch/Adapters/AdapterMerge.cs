using System.Buffers.Binary;
using System.Runtime.InteropServices;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Adapters;

/// <summary>
/// Adds an adapter's update to the weights of its base: W + scale B A, under DoRA with the rows' own norms, computed in fp32 and rounded
/// once to the type in which W is stored. What would not be the adapted model is refused.
/// </summary>
public static class AdapterMerge
{
    private static readonly string[] OtherWeights = [".bin", ".pth", ".pt", ".gguf", ".h5", ".msgpack", ".onnx", ".safetensors"];

    // Modules that a model can tie to each other.
    private static readonly string[] EndsOfTheModel = ["lm_head", "embed_tokens"];

    /// <summary>
    /// Writes a Hugging Face checkpoint: the base's files with the adapted weights replaced; names, types and shards stay as they are.
    /// </summary>
    /// <param name="baseDirectory">The checkpoint that the adapter was trained on.</param>
    /// <param name="target">Must not exist yet; appears whole or not at all. Subfolders of the base and weights in other formats are left
    /// out.</param>
    /// <exception cref="InvalidInputException">The target exists, the base cannot be read, W + dW is not the adapted model, or the adapter
    /// does not match the base: the first tensor that does not is named, with both shapes.</exception>
    public static void Write(string baseDirectory, PeftAdapter adapter, string target)
    {
        if (Path.Exists(target))
            throw new InvalidInputException($"\"{target}\" already exists; a new folder is needed for the merged checkpoint.");
        if (adapter.NotMerged.Count > 0)
            throw new InvalidInputException($"The adapter cannot be merged into a base: {string.Join("; ", adapter.NotMerged)}.");
        foreach (var module in adapter.Modules)
            CheckFinite(module);
        using var checkpoint = new Checkpoint(baseDirectory);
        var changes = AdaptedWeights.Of(checkpoint, adapter);
        if (changes.FirstOrDefault(c => EndsOfTheModel.Contains(c.Module.Factors.Projection)) is { } end && MayBeTied(baseDirectory))
            throw new InvalidInputException(
                $"The adapter changes {end.Weight.Name}, and {baseDirectory} may use that weight as embedding and as output head "
                + "(tie_word_embeddings), of which the adapter changes one: untie the base first.");
        Write(checkpoint, [.. changes.Select(change => (change.Weight, (Func<float[]>)(() => Merged(change))))], target);
    }

    /// <summary>A copy of a checkpoint in which some tensors have other numbers.</summary>
    internal static void Write(Checkpoint checkpoint, IReadOnlyList<(MappedTensor Weight, Func<float[]> Numbers)> changes, string target)
    {
        var baseDirectory = checkpoint.Directory;
        target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        var unfinished = WholeFile.Unfinished(target);
        Directory.CreateDirectory(unfinished);
        try
        {
            foreach (var file in Directory.EnumerateFiles(baseDirectory)
                .Where(file => !OtherWeights.Contains(Path.GetExtension(file)) || checkpoint.Files.Contains(file))
                .Where(file => IsPartOf(checkpoint, file)))
                Copy(file, Path.Combine(unfinished, Path.GetFileName(file)));
            foreach (var shard in checkpoint.Files)
                Patch(shard, Path.Combine(unfinished, Path.GetFileName(shard)), changes);
            WholeFile.FinishFolder(unfinished, target);
        }
        finally
        {
            if (Directory.Exists(unfinished))
                Directory.Delete(unfinished, recursive: true);
        }
    }

    /// <summary>An index that the weights were not read by names other ones; of what is no file there is nothing to copy.</summary>
    private static bool IsPartOf(Checkpoint checkpoint, string file) => InputEntry.At(file).Kind == EntryKind.File
        && (checkpoint.Index is not null || Path.GetFileName(file) != Checkpoint.IndexName);
    /// <summary>A copy that may be written to, also where the base may not: its mode would come along.</summary>
    private static void Copy(string file, string copy)
    {
        File.Copy(file, copy);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(copy, File.GetUnixFileMode(copy) | UnixFileMode.UserWrite);
    }

    private static void CheckFinite(PeftModule module)
    {
        var parts = ((string Name, float[] Values)[])
            [("lora_A.weight", module.Factors.A), ("lora_B.weight", module.Factors.B), ("lora_magnitude_vector", module.Magnitudes ?? [])];
        if (parts.FirstOrDefault(p => !Array.TrueForAll(p.Values, float.IsFinite)).Name is { } broken)
            throw new InvalidInputException(
                $"The adapter cannot be merged into a base: its {module.Factors.ModulePath}.{broken} holds NaN or infinite numbers.");
    }

    /// <summary>Whether embedding and output head may be one weight: not where the configuration says that they are two.</summary>
    private static bool MayBeTied(string baseDirectory)
    {
        try
        {
            return ModelConfig.Read(baseDirectory).TiedHead;
        }
        catch (InvalidInputException)
        {
            return true;   // of a family that is not known here
        }
    }

    /// <param name="shard">One file of the base.</param>
    /// <param name="file">Its copy, whose changed tensors are written over.</param>
    private static void Patch(string shard, string file, IEnumerable<(MappedTensor Weight, Func<float[]> Numbers)> changes)
    {
        using var source = new SafetensorsFile(shard);
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1 << 20);
        Span<byte> length = stackalloc byte[8];
        stream.ReadExactly(length);
        var data = 8 + BinaryPrimitives.ReadInt64LittleEndian(length);
        foreach (var (weight, numbers) in changes.Where(change => source.Tensors.ContainsKey(change.Weight.Name)))
        {
            stream.Position = data + weight.Offset;
            stream.Write(Stored(numbers(), weight));
        }
    }

    private static float[] Merged(AdaptedWeight change)
    {
        var width = change.Module.Factors.InFeatures;
        var (before, merged) = (change.Weight.ToFloats(), new float[change.Weight.Elements]);
        Parallel.For(0, change.Module.Factors.OutFeatures, row =>
            change.AdaptedRow(before.AsSpan(row * width, width), row, merged.AsSpan(row * width, width)));
        return merged;
    }

    private static byte[] Stored(float[] values, MappedTensor of)
    {
        var stored = Stored(values, of.Dtype);
        // A half-precision number ends at 65,504.
        var isFinite = of.Dtype == "F16"
            ? Array.TrueForAll(values, value => Half.IsFinite((Half)value)) : Array.TrueForAll(values, float.IsFinite);
        return isFinite ? stored : throw new InvalidInputException(
            $"The merged {of.Name} would hold NaN or infinite numbers ({of.Dtype}): "
            + "the base holds such, or the update is too large for it.");
    }

    private static byte[] Stored(float[] values, string dtype)
    {
        if (dtype == "F32")
            return MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
        var bytes = new byte[values.Length * 2];
        var words = MemoryMarshal.Cast<byte, ushort>(bytes.AsSpan());
        for (var i = 0; i < values.Length; i++)
            words[i] = dtype == "F16" ? BitConverter.HalfToUInt16Bits((Half)values[i]) : BrainFloat.Of(values[i]);
        return bytes;
    }
}
