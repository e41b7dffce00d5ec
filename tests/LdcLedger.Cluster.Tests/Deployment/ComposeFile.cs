using YamlDotNet.RepresentationModel;

namespace LdcLedger.Cluster.Tests.Deployment;

/// <summary>docker-compose.yml, read so that what a map merges in (<c>&lt;&lt;: *other</c>) is part of it, as compose does.</summary>
internal sealed class ComposeFile
{
    private readonly YamlMappingNode _root;

    public ComposeFile(string path)
    {
        using var text = File.OpenText(path);
        var yaml = new YamlStream();
        yaml.Load(text);
        _root = (YamlMappingNode)yaml.Documents[0].RootNode;
    }

    public IReadOnlyCollection<string> Services => Keys(Map(_root, "services"));
    public IReadOnlyCollection<string> Volumes => Keys(Map(_root, "volumes"));

    public YamlMappingNode Service(string name) => Map(Map(_root, "services"), name);

    public static bool Has(YamlMappingNode map, string key) => Find(map, key) is not null;
    public static YamlMappingNode Map(YamlMappingNode map, string key) => (YamlMappingNode)Get(map, key);
    public static string Text(YamlMappingNode map, string key) => Text(Get(map, key));
    public static IReadOnlyList<string> List(YamlMappingNode map, string key) =>
        [.. ((YamlSequenceNode)Get(map, key)).Children.Select(Text)];
    public static IReadOnlyCollection<string> Keys(YamlMappingNode map) => [.. map.Children.Keys.Select(Text).Where(k => k != "<<")];

    private static YamlNode Get(YamlMappingNode map, string key) =>
        Find(map, key) ?? throw new InvalidDataException($"docker-compose.yml has no {key} here: {map}.");

    private static YamlNode? Find(YamlMappingNode map, string key) =>
        map.Children.TryGetValue(key, out var own) ? own
        : map.Children.TryGetValue("<<", out var merged) ? Find((YamlMappingNode)merged, key)
        : null;

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;
}
