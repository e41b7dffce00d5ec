namespace LdcLedger.Specs;

/// <summary>What reading a spec has brought up so far: findings, and where in the file each value stands.</summary>
public sealed class SpecReading(SpecKind kind)
{
    private readonly List<SpecFinding> _findings = [];
    private readonly Dictionary<string, (int Line, int Column)> _places = new(StringComparer.Ordinal);

    public SpecKind Kind => kind;

    public IReadOnlyList<SpecFinding> Findings => [.. _findings.OrderBy(f => f.Line).ThenBy(f => f.Column)];

    public IReadOnlyDictionary<string, (int Line, int Column)> Places => _places;

    public void Note(SpecNode at, string message) => _findings.Add(new(at.Line, at.Column, message));

    public void Note(string place, string message)
    {
        var (line, column) = _places.GetValueOrDefault(place, (1, 1));
        _findings.Add(new(line, column, message));
    }

    public void Place(string path, SpecNode node) => _places[path] = (node.Line, node.Column);
}
