using System.Globalization;
using System.Text;

namespace LdcLedger.Reports.Pdf;

/// <summary>
/// What the marks on the pages mean (ISO 32000-1, 14.7): headings, paragraphs, lists, tables, figures, in reading order. A tag is the
/// object that it becomes. It is kept until the whole tree is written, or closed before: a table of a thousand pages has half a million
/// cells.
/// </summary>
internal sealed class TagTree
{
    private sealed record Tag(int Parent, string Type, string Entries)
    {
        public List<Kid> Kids { get; } = [];
    }

    /// <param name="Page">Object of the page that a mark or a link is on; <see cref="IsTag"/> for another tag.</param>
    /// <param name="Value">The tag, or the mark's number on its page, or ~ the object of the link.</param>
    private readonly record struct Kid(int Page, int Value)
    {
        public const int IsTag = 0;
    }

    private readonly PdfObjects _file;
    private readonly Dictionary<int, Tag> _open = [];

    /// <param name="root">The object that the whole document is put into.</param>
    public TagTree(PdfObjects file, int root)
    {
        _file = file;
        Document = file.Reserve();
        _open.Add(Document, new(root, "Document", ""));
    }

    /// <summary>The whole document.</summary>
    public int Document { get; }

    /// <param name="entries">Such as /Alt or /A with its value.</param>
    public int Add(int parent, string type, string entries = "")
    {
        var tag = _file.Reserve();
        Open(parent).Kids.Add(new(Kid.IsTag, tag));
        _open.Add(tag, new(parent, type, entries));
        return tag;
    }

    /// <param name="page">Its object.</param>
    /// <param name="mark">Its number on the page.</param>
    public void AddMark(int tag, int page, int mark) => Open(tag).Kids.Add(new(page, mark));

    /// <param name="page">Its object.</param>
    /// <param name="link">Its object.</param>
    public void AddLink(int tag, int page, int link) => Open(tag).Kids.Add(new(page, ~link));

    public static string Alternative(string text) => $" /Alt {PdfSyntax.Text(text)}";

    public string TypeOf(int tag) => Open(tag).Type;

    /// <summary>Writes a tag and all below it, to which nothing is added any more.</summary>
    public void Close(int tag)
    {
        if (!_open.Remove(tag, out var closed))
            return;
        foreach (var kid in closed.Kids)
            if (kid.Page == Kid.IsTag)
                Close(kid.Value);
        _file.Write(tag, Written(closed));
    }

    private Tag Open(int tag) =>
        _open.TryGetValue(tag, out var open) ? open : throw new InvalidOperationException($"Tag {tag} is closed, or none of this tree.");

    private static string Written(Tag tag)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"<</S /{tag.Type} /P {tag.Parent} 0 R{tag.Entries}");
        // The page of most marks is named once, beside the kids.
        var page = tag.Kids.Find(kid => kid.Page != Kid.IsTag).Page;
        if (page != Kid.IsTag)
            text.Append(CultureInfo.InvariantCulture, $" /Pg {page} 0 R");
        if (tag.Kids.Count == 0)
            return text.Append(">>").ToString();
        text.Append(" /K [");
        foreach (var kid in tag.Kids)
        {
            if (kid.Page == Kid.IsTag)
                text.Append(CultureInfo.InvariantCulture, $"{kid.Value} 0 R ");
            else if (kid.Value < 0)
                text.Append(CultureInfo.InvariantCulture, $"<</Type /OBJR /Pg {kid.Page} 0 R /Obj {~kid.Value} 0 R>> ");
            else if (kid.Page == page)
                text.Append(CultureInfo.InvariantCulture, $"{kid.Value} ");
            else
                text.Append(CultureInfo.InvariantCulture, $"<</Type /MCR /Pg {kid.Page} 0 R /MCID {kid.Value}>> ");
        }
        text.Length--;
        return text.Append("]>>").ToString();
    }
}
