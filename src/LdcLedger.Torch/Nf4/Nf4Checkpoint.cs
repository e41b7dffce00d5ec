using System.Text.Json;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Nf4;

/// <summary>
/// Weights that were saved quantised: beside <c>NAME</c>, whose bytes hold two codes each, <c>NAME.absmax</c>, <c>NAME.quant_map</c>, where
/// it was done twice <c>NAME.nested_absmax</c> and <c>NAME.nested_quant_map</c>, and JSON in <c>NAME.quant_state.bitsandbytes__nf4</c>.
/// </summary>
internal static class Nf4Checkpoint
{
    private const string State = ".quant_state.bitsandbytes__nf4", NestedScales = ".nested_absmax";

    // Largest JSON of a state that is read; real ones have some 200 bytes.
    private const int LargestState = 1 << 16;

    private static readonly int[] BlockSizes = [32, 64, 128, 256, 512, 1024, 2048, 4096];

    private static readonly string[] Endings = [".absmax", ".quant_map", NestedScales, ".nested_quant_map", State];

    /// <summary>Whether a checkpoint holds any, and whether their largest numbers are quantised, too; null: none.</summary>
    public static bool? IsTwice(Checkpoint checkpoint)
    {
        var any = false;
        foreach (var name in checkpoint.Tensors.Keys)
        {
            if (name.EndsWith(NestedScales, StringComparison.Ordinal) && Holds(checkpoint, name[..^NestedScales.Length])) return true;
            any |= name.EndsWith(State, StringComparison.Ordinal);
        }
        return any ? false : null;
    }

    public static bool Holds(Checkpoint checkpoint, string name) => checkpoint.Tensors.ContainsKey(name + State);

    /// <summary>What the tensors of a quantised weight may be called.</summary>
    public static IEnumerable<string> NamesOf(string name) => Endings.Select(ending => name + ending);

    /// <summary>The shape that a quantised weight had.</summary>
    /// <exception cref="InvalidInputException">Its state cannot be read.</exception>
    public static long[] ShapeOf(Checkpoint checkpoint, string name)
    {
        using var state = StateOf(checkpoint, name);
        return Shape(state.RootElement, name, checkpoint);
    }

    /// <exception cref="InvalidInputException">Something of it is missing, or of another kind than bitsandbytes writes.</exception>
    public static Nf4Tensor Read(Checkpoint checkpoint, string name, ReadOnlySpan<long> shape)
    {
        using var state = StateOf(checkpoint, name);
        var root = state.RootElement;
        var stored = Shape(root, name, checkpoint);
        if (!shape.SequenceEqual(stored))
            throw Bad($"says the shape [{string.Join(", ", stored)}]; the configuration wants [{string.Join(", ", shape.ToArray())}]");
        var elements = stored.Aggregate(1L, (product, d) => product * d);
        var columns = (int)stored[^1];
        var blockSize = (int)Number(root, "blocksize");
        if (!BlockSizes.Contains(blockSize)) throw Bad($"says blocksize {blockSize}; {string.Join(", ", BlockSizes)} are allowed");
        var rounding = Text(root, "dtype") switch
        {
            "bfloat16" => Rounding.BrainFloat,
            "float16" => Rounding.Half,
            "float32" => Rounding.None,
            var other => throw Bad($"says dtype {other}; float32, bfloat16 and float16 are allowed"),
        };
        long bytes = (elements + 1) / 2, blocks = (elements + blockSize - 1) / blockSize;
        var packed = Part("", "U8", bytes);
        if (!Part(".quant_map", "F32", 16).ToFloats().SequenceEqual(Nf4Codes.Levels))
            throw new InvalidInputException(
                $"{checkpoint.Directory}: {name}.quant_map holds other levels than nf4's, which bitsandbytes writes.");
        if (!checkpoint.Tensors.ContainsKey(name + NestedScales))
        {
            var plain = Part(".absmax", "F32", blocks);
            return new(stored, blockSize, rounding,
                () => new(elements, columns, blockSize, packed.ToBytes(), plain.ToFloats(), rounding, null));
        }
        var nestedBlock = (int)Number(root, "nested_blocksize");
        if (!BlockSizes.Contains(nestedBlock))
            throw Bad($"says nested_blocksize {nestedBlock}; {string.Join(", ", BlockSizes)} are allowed");
        var (codes, map) = (Part(".absmax", "U8", blocks), Part(".nested_quant_map", "F32", 256));
        var scales = Part(NestedScales, "F32", (blocks + nestedBlock - 1) / nestedBlock);
        var offset = (float)Number(root, "nested_offset");
        return new(stored, blockSize, rounding, () =>
        {
            var nested = new Nf4Absmax(codes.ToBytes(), map.ToFloats(), scales.ToFloats(), nestedBlock, offset);
            return new(elements, columns, blockSize, packed.ToBytes(), nested.Dequantised(), rounding, nested);
        });

        MappedTensor Part(string ending, string dtype, long count)
        {
            var part = checkpoint[name + ending];
            return part.Dtype == dtype && part.Elements == count ? part : throw new InvalidInputException(
                $"{checkpoint.Directory}: {part.Name} is {part.Dtype} [{string.Join(", ", part.Shape)}]; a weight of 4 bits of shape "
                + $"[{string.Join(", ", stored)}] in blocks of {blockSize} needs {count} elements of type {dtype}.");
        }

        double Number(JsonElement of, string key) =>
            of.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number)
                && double.IsFinite(number) ? number : throw Bad($"has no number {key}");

        string? Text(JsonElement of, string key) =>
            of.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetRawText().Trim('"') : null;

        InvalidInputException Bad(string what) => new($"{checkpoint.Directory}: {name}{State} {what}.");
    }

    private static JsonDocument StateOf(Checkpoint checkpoint, string name)
    {
        var tensor = checkpoint[name + State];
        try
        {
            var state = tensor is { Dtype: "U8", Elements: <= LargestState } ? JsonDocument.Parse(tensor.ToBytes()) : null;
            if (state?.RootElement.ValueKind == JsonValueKind.Object) return state;
            state?.Dispose();
        }
        catch (JsonException)
        {
            // said below
        }
        throw new InvalidInputException($"{checkpoint.Directory}: {tensor.Name} does not hold JSON, as bitsandbytes writes it.");
    }

    private static long[] Shape(JsonElement state, string name, Checkpoint checkpoint)
    {
        if (state.TryGetProperty("shape", out var shape) && shape.ValueKind == JsonValueKind.Array
            && shape.EnumerateArray().All(d => d.ValueKind == JsonValueKind.Number && d.TryGetInt32(out var size) && size > 0))
            return [.. shape.EnumerateArray().Select(d => d.GetInt64())];
        throw new InvalidInputException($"{checkpoint.Directory}: {name}{State} has no shape.");
    }
}
