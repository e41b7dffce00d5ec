using System.Text;
using LdcLedger.Torch.Safetensors;
using Xunit;

namespace LdcLedger.Torch.Tests.Safetensors;

public sealed class SafetensorsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ldc-safetensors-").FullName;

    [Theory]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""",
        4, "is truncated: tensor a ends at byte 8 of the data, but only 4 are there")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "gives tensor a 8 bytes; F32 [3] needs 12")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""",
        12, "stores tensor b over the bytes of a")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""",
        16, "names tensor a twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "gives tensor a the range [8, 0]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", 8, "gives tensor a the range [-8, 0]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}}""", 8, "gives tensor a the shape [-1]")]
    [InlineData("""{"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}""", 8, "gives tensor a the unknown type F31")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}""", 8, "not that of a safetensors file")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", 8, "not that of a safetensors file")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""", 8, "not that of a safetensors file")]
    [InlineData("""{"a":[1,2]}""", 8, "not that of a safetensors file")]
    [InlineData("""[1]""", 8, "not a JSON object")]
    public void A_file_that_contradicts_itself_is_refused_in_one_sentence(string header, int dataBytes, string says)
    {
        var path = Write(header, dataBytes);

        var refusal = Assert.Throws<InvalidInputException>(() => new SafetensorsFile(path));

        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.StartsWith(path, refusal.Message, StringComparison.Ordinal);
        File.Delete(path);                                         // nothing holds the file any more
    }

    [Theory]
    [InlineData(0, "is empty")]
    [InlineData(5, "holds 5 bytes")]
    public void A_file_shorter_than_its_first_number_is_refused(int bytes, string says)
    {
        var path = Path.Combine(_folder, "short.safetensors");
        File.WriteAllBytes(path, new byte[bytes]);

        Assert.Contains(says, Assert.Throws<InvalidInputException>(() => new SafetensorsFile(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1000UL, "states a header of 1000 bytes, but only 2 follow")]
    [InlineData(ulong.MaxValue, "states a header of 18446744073709551615 bytes; at most 100000000 are allowed")]
    public void A_header_longer_than_the_file_is_refused(ulong length, string says)
    {
        var path = Path.Combine(_folder, "long.safetensors");
        File.WriteAllBytes(path, [.. BitConverter.GetBytes(length), (byte)'{', (byte)'}']);

        Assert.Contains(says, Assert.Throws<InvalidInputException>(() => new SafetensorsFile(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        var path = Path.Combine(_folder, "whole.safetensors");
        SafetensorsWriter.Write(path, [new WrittenTensor("b", [2, 2], new float[] { 1, 2, 3, float.Epsilon }),
            new WrittenTensor("a", [1], default, new ushort[] { 0x3F80 })],
                                new Dictionary<string, string> { ["step"] = "7" });

        using var file = new SafetensorsFile(path);

        Assert.Equal([1, 2, 3, float.Epsilon], file["b"].OfShape(2, 2).ToFloats());
        Assert.Equal([1f], file["a"].ToFloats());
        Assert.Equal("BF16", file["a"].Dtype);
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal("7", file.Metadata["step"]);
        Assert.Equal([path], Directory.GetFiles(_folder));
        Assert.Contains("has no tensor c", Assert.Throws<InvalidInputException>(() => file["c"]).Message, StringComparison.Ordinal);
        Assert.Contains("[2, 2]; the configuration wants [4]", Assert.Throws<InvalidInputException>(() => file["b"].OfShape(4)).Message,
            StringComparison.Ordinal);
        Assert.Contains("the type F32; I64 is needed", Assert.Throws<InvalidInputException>(() => file["b"].ToLongs()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_write_that_fails_leaves_neither_file_nor_fragment()
    {
        var path = Path.Combine(_folder, "missing", "a.safetensors");

        Assert.ThrowsAny<IOException>(() => SafetensorsWriter.Write(path, [new WrittenTensor("a", [1], new float[] { 1 })]));

        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void Halves_are_widened_exactly()
    {
        var path = Path.Combine(_folder, "half.safetensors");
        Half[] values = [(Half)1.5, (Half)(-0.333), Half.Epsilon, Half.MaxValue];
        var header = """{"h":{"dtype":"F16","shape":[4],"data_offsets":[0,8]}}"""u8;
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((ulong)header.Length), .. header, .. values.SelectMany(BitConverter.GetBytes)]);

        using var file = new SafetensorsFile(path);

        Assert.Equal(values.Select(value => (float)value), file["h"].ToFloats());
    }

    [Fact]
    public void A_missing_shard_is_named()
    {
        File.WriteAllText(Path.Combine(_folder, "model.safetensors.index.json"),
            """{"weight_map":{"a":"model-00001-of-00002.safetensors"}}""");

        Assert.Contains("model-00001-of-00002.safetensors, which is not there",
            Assert.Throws<InvalidInputException>(() => new Checkpoint(_folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"weight_map":{"a":"../model.safetensors"}}""", "a plain file name that ends in .safetensors is needed")]
    [InlineData("""{"metadata":{}}""", "is not the index of a sharded checkpoint")]
    [InlineData("[]", "is not the index of a sharded checkpoint")]
    [InlineData("""{"weight_map":{}}""", "its weight_map is empty")]
    [InlineData("""{"weight_map":{"a":null}}""", "it names null as the shard of a")]
    [InlineData("""{"weight_map":{"a":"model.bin"}}""", "a plain file name that ends in .safetensors is needed")]
    [InlineData("{", "is not valid JSON at line 1, column 2")]
    public void A_damaged_index_is_refused(string index, string says)
    {
        File.WriteAllText(Path.Combine(_folder, "model.safetensors.index.json"), index);

        Assert.Contains(says, Assert.Throws<InvalidInputException>(() => new Checkpoint(_folder)).Message, StringComparison.Ordinal);
    }

    private string Write(string header, int dataBytes)
    {
        var path = Path.Combine(_folder, "bad.safetensors");
        var bytes = Encoding.UTF8.GetBytes(header);
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((ulong)bytes.Length), .. bytes, .. new byte[dataBytes]]);
        return path;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
