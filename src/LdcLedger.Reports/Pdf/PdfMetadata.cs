using System.Globalization;
using System.Net;
using System.Text;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Pdf;

/// <summary>What a PDF says of itself, in its information dictionary and, the same, as XMP.</summary>
/// <param name="AsOf">Its only clock is the study's; written in UTC.</param>
/// <param name="Origin">Of what it was made, as <see cref="ReportOrigin.Text"/> has it: what `ldc report verify` reads.</param>
internal sealed record PdfMetadata(string Title, string Subject, DateTimeOffset AsOf, string Origin)
{
    /// <summary>Key of <see cref="Origin"/> in the information dictionary.</summary>
    public const string OriginKey = "LdcReport";

    private const string Program = "LdcLedger";

    /// <param name="engine">What draws the file.</param>
    public static PdfMetadata Of(ReportDocument document, string engine) =>
        new(document.Title, document.Subtitle, document.AsOf.ToUniversalTime(), document.Origin.Text(engine));

    public string Info()
    {
        var date = AsOf.ToString("'(D:'yyyyMMddHHmmss'Z)'", CultureInfo.InvariantCulture);
        return $"<</Title {PdfSyntax.Text(Title)} /Subject {PdfSyntax.Text(Subject)} /Creator ({Program}) /Producer ({Program})"
            + $" /CreationDate {date} /ModDate {date} /{OriginKey} {PdfSyntax.Ascii(Origin)}>>";
    }

    public byte[] Xmp()
    {
        var date = AsOf.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return Encoding.UTF8.GetBytes(
            $"""
            <?xpacket begin="{'\uFEFF'}" id="W5M0MpCehiHzreSzNTczkc9d"?>
            <x:xmpmeta xmlns:x="adobe:ns:meta/">
            <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
            <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
              xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:ldc="urn:ldcledger:report">
            <dc:format>application/pdf</dc:format>
            <dc:language><rdf:Bag><rdf:li>en</rdf:li></rdf:Bag></dc:language>
            <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{Escaped(Title)}</rdf:li></rdf:Alt></dc:title>
            <dc:description><rdf:Alt><rdf:li xml:lang="x-default">{Escaped(Subject)}</rdf:li></rdf:Alt></dc:description>
            <xmp:CreatorTool>{Program}</xmp:CreatorTool>
            <xmp:CreateDate>{date}</xmp:CreateDate>
            <xmp:ModifyDate>{date}</xmp:ModifyDate>
            <pdf:Producer>{Program}</pdf:Producer>
            <ldc:origin>{Escaped(Origin)}</ldc:origin>
            </rdf:Description>
            </rdf:RDF>
            </x:xmpmeta>
            <?xpacket end="r"?>

            """.ReplaceLineEndings("\n"));
    }

    // XML 1.0 has no place for control characters.
    private static string Escaped(string text) => WebUtility.HtmlEncode(string.Concat(text.Where(c => !char.IsControl(c))));
}
