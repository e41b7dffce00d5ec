using System.Globalization;
using System.Text;

namespace LdcLedger.Reports.Pdf;

/// <summary>
/// What the marks on the pages mean (ISO 32000-1, 14.7): headings, paragraphs, lists, tables, figures, in reading order. A tree as flat
/// lists, because a table of a thousand pages has half a million cells.
/// </summary>
internal sealed class TagTree
{
    /// <summary>The whole document.</summary>
    public const int Document = 0;

    /// <param name="Entries">Entries of its dictionary besides type, parent and kids; else empty.</param>
    private readonly record struct Tag(int Parent, string Type, string Entries);

    /// <param name="Page">Index of the page that its mark or link is on; <see cref="IsTag"/> for another tag.</param>
    /// <param name="Value">The tag, or the mark's number on its page, or ~ that of the link.</param>
    private readonly record struct Kid(int Of, int Page, int Value)
    {
        public const int IsTag = -1;
    }

    private readonly List<Tag> _tags = [new(-1, "Document", "")];
    private readonly List<Kid> _kids = [];

    public int Count => _tags.Count;

    /// <param name="entries">Such as /Alt or /A with its value.</param>
    public int Add(int parent, string type, string entries = "")
    {
        _kids.Add(new(parent, Kid.IsTag, _tags.Count));
        _tags.Add(new(parent, type, entries));
        return _tags.Count - 1;
    }

    public void AddMark(int tag, int page, int mark) => _kids.Add(new(tag, page, mark));

    public void AddLink(int tag, int page, int link) => _kids.Add(new(tag, page, ~link));

    public static string Alternative(string text) => $" /Alt {PdfSyntax.Text(text)}";

    /// <summary>Writes every tag as object <paramref name="first"/> + its number.</summary>
    /// <param name="pageId">Object of a page, by its index.</param>
    /// <param name="linkId">Object of a link, by its page's index and its place there.</param>
    public void Write(PdfObjects file, int first, int root, Func<int, int> pageId, Func<int, int, int> linkId)
    {
        // Kids by tag, each tag's in the order in which they came.
        var starts = new int[_tags.Count + 1];
        foreach (var kid in _kids)
            starts[kid.Of + 1]++;
        for (var i = 0; i < _tags.Count; i++)
            starts[i + 1] += starts[i];
        var sorted = new int[_kids.Count];
        var next = starts.AsSpan(0, _tags.Count).ToArray();
        for (var k = 0; k < _kids.Count; k++)
            sorted[next[_kids[k].Of]++] = k;

        var text = new StringBuilder();
        for (var i = 0; i < _tags.Count; i++)
        {
            var tag = _tags[i];
            var parent = tag.Parent < 0 ? root : first + tag.Parent;
            text.Clear().Append(CultureInfo.InvariantCulture, $"<</S /{tag.Type} /P {parent} 0 R{tag.Entries}");
            var kids = sorted.AsSpan(starts[i], starts[i + 1] - starts[i]);
            // The page of most marks is named once, beside the kids.
            var page = -1;
            foreach (var k in kids)
                if (page < 0 && _kids[k].Page != Kid.IsTag)
                    page = _kids[k].Page;
            if (page >= 0)
                text.Append(CultureInfo.InvariantCulture, $" /Pg {pageId(page)} 0 R");
            if (kids.Length > 0)
                text.Append(" /K [");
            foreach (var k in kids)
            {
                var kid = _kids[k];
                if (kid.Page == Kid.IsTag)
                    text.Append(CultureInfo.InvariantCulture, $"{first + kid.Value} 0 R ");
                else if (kid.Value < 0)
                    text.Append(CultureInfo.InvariantCulture,
                        $"<</Type /OBJR /Pg {pageId(kid.Page)} 0 R /Obj {linkId(kid.Page, ~kid.Value)} 0 R>> ");
                else if (kid.Page == page)
                    text.Append(CultureInfo.InvariantCulture, $"{kid.Value} ");
                else
                    text.Append(CultureInfo.InvariantCulture, $"<</Type /MCR /Pg {pageId(kid.Page)} 0 R /MCID {kid.Value}>> ");
            }
            if (kids.Length > 0)
                text.Length--;
            file.Write(first + i, text.Append(kids.Length > 0 ? "]>>" : ">>").ToString());
        }
    }

    public string TypeOf(int tag) => _tags[tag].Type;
}
