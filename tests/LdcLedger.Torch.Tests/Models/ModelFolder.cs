using System.Text.Json;
using System.Text.Json.Nodes;
using LdcLedger.Torch.Tests.Tokenizers;

namespace LdcLedger.Torch.Tests.Models;

/// <summary>A tensor as a file stores it, of any type.</summary>
internal sealed record StoredTensor(string Name, string Dtype, long[] Shape, byte[] Data);

/// <summary>A copy of a small model of the repository's, to be changed as a test wants; gone when the test ends.</summary>
internal sealed class ModelFolder : IDisposable
{
    /// <param name="source">Parts of the model's path in the repository.</param>
    private ModelFolder(params string[] source)
    {
        foreach (var file in Directory.EnumerateFiles(System.IO.Path.Combine([RepositoryFiles.Root, .. source])))
            File.Copy(file, this[System.IO.Path.GetFileName(file)]);
    }

    /// <summary>The demo's models: with tokenizers, bfloat16, 8 layers.</summary>
    public static ModelFolder Demo(string name = "tiny-llama") => new("infra", "demo", "models", name);

    /// <summary>The models of the reference cases: without tokenizers, smaller.</summary>
    public static ModelFolder Golden(string name) => new("tests", "golden", "logits", name, "model");

    public string Path { get; } = Directory.CreateTempSubdirectory("ldc-model-").FullName;

    public string this[string file] => System.IO.Path.Combine(Path, file);

    public string Weights => this["model.safetensors"];

    public ModelFolder Json(string file, Action<JsonObject> change)
    {
        var json = File.Exists(this[file]) ? (JsonObject)JsonNode.Parse(File.ReadAllText(this[file]))! : [];
        change(json);
        return Write(file, json.ToJsonString());
    }

    public ModelFolder Config(Action<JsonObject> change) => Json("config.json", change);

    public ModelFolder Write(string file, string text)
    {
        File.Delete(this[file]);
        File.WriteAllText(this[file], text);
        return this;
    }

    /// <summary>Every tensor as <paramref name="change"/> wants it: none, one or several in its place.</summary>
    public ModelFolder Tensors(Func<StoredTensor, IEnumerable<StoredTensor>> change)
    {
        Store(Weights, [.. Stored(Weights).SelectMany(change)]);
        return this;
    }

    public ModelFolder With(params StoredTensor[] more)
    {
        Store(Weights, [.. Stored(Weights), .. more]);
        return this;
    }

    public ModelFolder Renamed(Func<string, string> name) => Tensors(tensor => [tensor with { Name = name(tensor.Name) }]);

    public StoredTensor Tensor(string name) => Stored(Weights).Single(tensor => tensor.Name == name);

    public static List<StoredTensor> Stored(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var length = (int)BitConverter.ToInt64(bytes);
        using var header = JsonDocument.Parse(bytes.AsMemory(8, length));
        return [.. header.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__").Select(entry =>
        {
            var range = entry.Value.GetProperty("data_offsets").EnumerateArray().Select(at => at.GetInt32() + 8 + length).ToList();
            return new StoredTensor(entry.Name, entry.Value.GetProperty("dtype").GetString()!,
                [.. entry.Value.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64())], bytes[range[0]..range[1]]);
        })];
    }

    public static void Store(string path, IReadOnlyList<StoredTensor> tensors)
    {
        var header = new JsonObject();
        var at = 0;
        foreach (var tensor in tensors)
        {
            header.Add(tensor.Name, new JsonObject
            {
                ["dtype"] = tensor.Dtype,
                ["shape"] = new JsonArray([.. tensor.Shape.Select(d => JsonValue.Create(d))]),
                ["data_offsets"] = new JsonArray(at, at += tensor.Data.Length),
            });
        }
        var text = System.Text.Encoding.UTF8.GetBytes(header.ToJsonString());
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)text.Length), .. text, .. tensors.SelectMany(tensor => tensor.Data)]);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
