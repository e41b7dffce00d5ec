using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Adapters;

/// <summary>
/// Adds an adapter's update to the weights of its base: W + (alpha / r) B A, computed in fp32 and rounded once to the type in which W is
/// stored.
/// </summary>
public static class AdapterMerge
{
    private static readonly string[] OtherWeights = [".bin", ".pth", ".pt", ".gguf", ".h5", ".msgpack", ".onnx", ".safetensors"];

    /// <summary>
    /// Writes a Hugging Face checkpoint: the base's files with the adapted weights replaced; names, types and shards stay as they are.
    /// </summary>
    /// <param name="baseDirectory">The checkpoint that the adapter was trained on.</param>
    /// <param name="target">Must not exist yet; appears whole or not at all. Subfolders of the base and weights in other formats are left
    /// out.</param>
    /// <exception cref="InvalidInputException">The target exists, the base cannot be read, or the adapter does not match it: the first
    /// tensor that does not is named, with both shapes.</exception>
    public static void Write(string baseDirectory, PeftAdapter adapter, string target)
    {
        if (Path.Exists(target))
            throw new InvalidInputException($"\"{target}\" already exists; a new folder is needed for the merged checkpoint.");
        using var checkpoint = new Checkpoint(baseDirectory);
        var changes = AdaptedWeights.Of(checkpoint, adapter);
        target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        var unfinished = WholeFile.Unfinished(target);
        Directory.CreateDirectory(unfinished);
        try
        {
            foreach (var file in Directory.EnumerateFiles(baseDirectory)
                .Where(file => !OtherWeights.Contains(Path.GetExtension(file)) || checkpoint.Files.Contains(file))
                .Where(file => IsPartOf(checkpoint, file)))
                File.Copy(file, Path.Combine(unfinished, Path.GetFileName(file)));
            foreach (var shard in checkpoint.Files)
                Patch(shard, Path.Combine(unfinished, Path.GetFileName(shard)), changes, adapter.Adapter.Alpha);
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

    /// <param name="shard">One file of the base.</param>
    /// <param name="file">Its copy, whose changed tensors are written over.</param>
    private static void Patch(string shard, string file, IEnumerable<AdaptedWeight> changes, double alpha)
    {
        using var source = new SafetensorsFile(shard);
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1 << 20);
        Span<byte> length = stackalloc byte[8];
        stream.ReadExactly(length);
        var data = 8 + BinaryPrimitives.ReadInt64LittleEndian(length);
        foreach (var (weight, module) in changes.Where(change => source.Tensors.ContainsKey(change.Weight.Name)))
        {
            stream.Position = data + weight.Offset;
            stream.Write(Stored(Merged(weight, module, alpha), weight.Dtype));
        }
    }

    private static float[] Merged(MappedTensor weight, LoraModule module, double alpha)
    {
        var (width, rank) = (module.InFeatures, module.A.Length / module.InFeatures);
        var merged = weight.ToFloats();
        var scale = alpha / rank;
        Parallel.For(0, module.OutFeatures, row =>
        {
            var sum = new float[width];
            for (var r = 0; r < rank; r++)
                AddScaled(sum, (float)(scale * module.B[row * rank + r]), module.A.AsSpan(r * width, width));
            AddScaled(merged.AsSpan(row * width, width), 1, sum);
        });
        return merged;
    }

    private static void AddScaled(Span<float> to, float factor, ReadOnlySpan<float> from)
    {
        var wide = MemoryMarshal.Cast<float, Vector<float>>(to);
        var source = MemoryMarshal.Cast<float, Vector<float>>(from);
        for (var i = 0; i < wide.Length; i++)
            wide[i] += factor * source[i];
        for (var i = wide.Length * Vector<float>.Count; i < to.Length; i++)
            to[i] += factor * from[i];
    }

    private static byte[] Stored(float[] values, string dtype)
    {
        if (dtype == "F32")
            return MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
        var bytes = new byte[values.Length * 2];
        var words = MemoryMarshal.Cast<byte, ushort>(bytes.AsSpan());
        for (var i = 0; i < values.Length; i++)
            words[i] = dtype == "F16" ? BitConverter.HalfToUInt16Bits((Half)values[i]) : BrainFloat(values[i]);
        return bytes;
    }

    /// <summary>The nearest bf16, ties to even.</summary>
    private static ushort BrainFloat(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)(bits >> 16 | 0x40) : (ushort)(bits + 0x7FFF + (bits >> 16 & 1) >> 16);
    }
}
