using LdcLedger.Torch.Models;
using LdcLedger.Torch.Nf4;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Golden;

/// <summary>
/// Kind <c>nf4</c>: every projection of a model quantised by bitsandbytes, byte for byte, and the logits of the model with the dequantised
/// projections.
/// </summary>
internal static class Nf4Case
{
    public static IReadOnlyList<GoldenCheck> Verify(GoldenCase golden, string device)
    {
        var root = golden.Read();
        var tolerance = GoldenCase.Need(root, "tolerance", golden.Directory);
        double Allowed(string key) => GoldenCase.Need(tolerance, key, golden.Directory).GetDouble();
        var directory = golden.PathOf(GoldenCase.Need(root, "model", golden.Directory).GetString()!);
        var form = GoldenCase.Need(root, "double_quant", golden.Directory).GetBoolean() ? BaseForms.Nf4Double : BaseForms.Nf4;
        var dtype = GoldenCase.Need(root, "weights_as", golden.Directory).GetString()!;
        if (GoldenCase.Need(root, "blocksize", golden.Directory).GetInt32() is var size && size != Nf4Quantiser.BlockSize)
            throw new InvalidInputException(
                $"The reference case {golden.Directory} has blocks of {size}; {Nf4Quantiser.BlockSize} are quantised here.");
        using var expected = new SafetensorsFile(golden.PathOf(GoldenCase.Need(root, "expected", golden.Directory).GetString()!));

        var checks = new List<GoldenCheck>
        {
            new("code", GoldenError.MaxRelative(Nf4Codes.Levels, expected["code"].ToFloats()), 0),
        };
        if (form == BaseForms.Nf4Double)
            checks.Add(new("nested_code", GoldenError.MaxRelative(Nf4Codes.Dynamic, expected["nested_code"].ToFloats()), 0));
        using (var opened = ModelDirectory.Open(directory))
        {
            var source = BaseForms.Of(opened.Source, form, dtype);
            var all = Enumerable.Range(0, opened.Config.Layers).SelectMany(layer => Projection.All.Select(p => (layer, p)));
            foreach (var (layer, projection) in all)
            {
                var (rows, columns) = projection.ShapeIn(opened.Config);
                var stored = $"{source.Tower.Prefix}layers.{layer}.{projection.Module}.{projection.Name}";
                // Cases are made with current transformers, checkpoints may be older.
                var name = expected.Tensors.ContainsKey($"{stored}.packed") ? stored : opened.Config.ModulePath(layer, projection.Name);
                checks.AddRange(Of(((Nf4Tensor)source[$"{stored}.weight", rows, columns]).Weight, name, expected, Allowed));
            }
        }
        using var model = BaseModel.Load(directory, "float32", device, form, quantisedAs: dtype, null);
        var ids = expected["input_ids"];
        checks.Add(new("logits", GoldenError.MaxRelative(LogitsCase.Logits(model, ids), expected["logits"].ToFloats()), Allowed("logits")));
        return checks;
    }

    private static IEnumerable<GoldenCheck> Of(Nf4Weight ours, string name, SafetensorsFile theirs, Func<string, double> allowed)
    {
        yield return Bytes("packed", ours.Packed);
        if (ours.Nested is { } nested)
        {
            yield return Bytes("absmax", nested.Codes);
            yield return new($"{name}.nested_absmax", GoldenError.MaxRelative(nested.Scales, Floats("nested_absmax")),
                allowed("dequantised"));
            yield return new($"{name}.offset", GoldenError.MaxRelative([nested.Offset], Floats("offset")), allowed("dequantised"));
        }
        else
        {
            yield return new($"{name}.absmax", GoldenError.MaxRelative(ours.Absmax, Floats("absmax")), allowed("absmax"));
        }
        var dequantised = new float[ours.Elements];
        for (var i = 0; i < dequantised.Length; i++) dequantised[i] = ours[i];
        yield return new($"{name}.dequantised", GoldenError.MaxRelative(dequantised, Floats("dequantised")), allowed("dequantised"));

        float[] Floats(string part) => theirs[$"{name}.{part}"].ToFloats();

        GoldenCheck Bytes(string part, byte[] own)
        {
            var bytes = theirs[$"{name}.{part}"].ToBytes();
            return new($"{name}.{part}", bytes.Length != own.Length ? double.NaN : own.Zip(bytes).Count(b => b.First != b.Second),
                allowed(part));
        }
    }
}
