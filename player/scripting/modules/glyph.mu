// Little pictures and text boxes that packages draw. Boxes, circles and texts are drawn where
// something draws (gl); what has an answer (sizes, wrapped text, regions) gives it in any case.

module: glyph {
use gl;
use glu;
use math;
use math_util;
use io;
use rvtypes;
use commands;
require gltext;

global regex MatchRN = "\r\n";
global regex MatchNN = "\n\n";

// -- glyphs ---------------------------------------------------------------------------------

\: xformedGlyph (Glyph; Glyph g, float angle, float scale = 1.0)
{
    \: (void; bool outline) { g(outline); };
}

\: xformedGlyph (Glyph; Glyph g, Point tran, float angle, float scale = 1.0)
{
    \: (void; bool outline) { g(outline); };
}

documentation: "Two glyphs, one over the other.";
operator: & (Glyph; Glyph a, Glyph b)
{
    \: (void; bool outline) { a(outline); b(outline); };
}

\: coloredGlyph (Glyph; Glyph g, Color c)
{
    \: (void; bool outline) { glColor(c); g(outline); };
}

\: triangleGlyph (void; bool outline) {;}
\: circleGlyph (void; bool outline) {;}
\: squareGlyph (void; bool outline) {;}
\: pauseGlyph (void; bool outline) {;}
\: advanceGlyph (void; bool outline) {;}
\: rgbGlyph (void; bool outline) {;}
\: drawXGlyph (void; bool outline) {;}
\: drawStopGlyph (void; bool outline) {;}
\: infoGlyph (void; bool outline) {;}
\: circleLerpGlyph (void; float start, bool outline) {;}
\: tformCircle (void; bool outline) {;}
\: tformTriangle (void; float angle, bool outline) {;}
\: translateIconGlyph (void; bool outline) {;}
\: translateXIconGlyph (void; bool outline) {;}
\: translateYIconGlyph (void; bool outline) {;}

\: draw (Glyph g, float x, float y, float angle, float size, bool outline) { g(outline); }

// -- shapes ---------------------------------------------------------------------------------

documentation: "Coordinates are pixels; the last ones lie on the edges.";
\: setupProjection (void; float w, float h, bool vflip = false)
{
    let bottom = if vflip then h - 1 else 0.0,
        top = if vflip then 0.0 else h - 1;
    glMatrixMode(GL_PROJECTION);
    glLoadIdentity();
    gluOrtho2D(0.0, w - 1, bottom, top);
    glMatrixMode(GL_MODELVIEW);
    glLoadIdentity();
}

\: glSetupProjection (void; int w, int h) { setupProjection(w, h); }

\: setupProjectionFromEvent (void; Event event)
{
    let view = event.domain();
    setupProjection(view.x, view.y, event.domainVerticalFlip());
}

\: drawRect (void; int glenum, Vec2 a, Vec2 b, Vec2 c, Vec2 d)
{
    glBegin(glenum);
    for_each (corner; [a, b, c, d]) glVertex(corner);
    glEnd();
}

\: drawLineBox (void; Vec2 a, Vec2 b, Vec2 c, Vec2 d) { drawRect(GL_LINE_LOOP, a, b, c, d); }

\: drawColoredLineBox (void;
                       float red,
                       float green,
                       float blue,
                       Vec2 a,
                       Vec2 b,
                       Vec2 c,
                       Vec2 d)
{
    glColor(red, green, blue, 1.0);
    drawLineBox(a, b, c, d);
}

documentation: "A part of a circle; start and end count turns from the top, ainc radians.";
\: drawCircleFan (void;
                  float x,
                  float y,
                  float w,
                  float start,
                  float end,
                  float ainc,
                  bool outline = false)
{
    let turn = pi * 2.0,
        from = start * turn,
        to = end * turn;

    glBegin(if outline then GL_LINE_STRIP else GL_TRIANGLE_FAN);
    if (!outline) glVertex(x, y);
    for (float a = from; a < to; a += ainc) glVertex(sin(a) * w + x, cos(a) * w + y);
    glVertex(sin(to) * w + x, cos(to) * w + y);
    glEnd();
}

\: drawRoundedBox (void; int x0, int y0, int x1, int y1, int m, Color c, Color oc)
{
    \: corners (void; bool outline)
    {
        drawCircleFan(x0, y0 + m, m, 0.5, 0.75, .3, outline);
        drawCircleFan(x1, y0 + m, m, 0.25, 0.5, .3, outline);
        drawCircleFan(x1, y1 - m, m, 0.0, 0.25, .3, outline);
        drawCircleFan(x0, y1 - m, m, 0.75, 1.0, .3, outline);
    }

    glColor(c);
    drawRect(GL_QUADS, Vec2(x0, y0), Vec2(x1, y0), Vec2(x1, y1), Vec2(x0, y1));
    drawRect(GL_QUADS, Vec2(x0 - m, y0 + m), Vec2(x0, y0 + m), Vec2(x0, y1 - m), Vec2(x0 - m, y1 - m));
    drawRect(GL_QUADS, Vec2(x1, y0 + m), Vec2(x1 + m, y0 + m), Vec2(x1 + m, y1 - m), Vec2(x1, y1 - m));
    corners(false);

    glPushAttrib(GL_ENABLE_BIT);
    glColor(oc);
    glEnable(GL_LINE_SMOOTH);
    glEnable(GL_BLEND);
    glBlendFunc(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA);
    glLineWidth(3.0);
    corners(true);
    glBegin(GL_LINES);
    for_each (side; [(Vec2(x0, y0), Vec2(x1, y0)), (Vec2(x0, y1), Vec2(x1, y1)),
                     (Vec2(x0 - m, y0 + m), Vec2(x0 - m, y1 - m)),
                     (Vec2(x1 + m, y0 + m), Vec2(x1 + m, y1 - m))])
    {
        glVertex(side._0);
        glVertex(side._1);
    }
    glEnd();
    glPopAttrib();
}

\: drawCloseButton (void; float x, float y, float radius, Color bg, Color fg) {;}

// -- text -----------------------------------------------------------------------------------

documentation: "The last place of a sorted array that is not above a number; -1: none.";
\: lower_bounds (int; int[] array, int n)
{
    int found = -1;
    int above = array.size();

    while (above - found > 1)
    {
        let middle = (found + above) / 2;
        if (array[middle] <= n) found = middle;
        else above = middle;
    }

    found;
}

documentation: "The box of a text on a rounded plate.";
\: drawTextWithCartouche (BBox;
                          float x,
                          float y,
                          string text,
                          float textsize,
                          Color textcolor,
                          Color bgcolor,
                          Glyph g = nil,
                          Color gcolor = Color(.2,.2,.2,1),
                          float[] textSizes = nil)
{
    gltext.size(int(textsize));
    let box = gltext.bounds(text),
        top = gltext.ascenderHeight(),
        bottom = gltext.descenderDepth(),
        pad = (top - bottom) * .05,
        y0 = y + bottom - pad,
        y1 = y + top + pad,
        cap = (y1 - y0) * 0.5,  // the ends of the plate are half circles
        left = x - pad,
        right = x + box[2] + box[0] + pad,
        middle = (y0 + y1) * 0.5;

    glPushAttrib(GL_ENABLE_BIT);
    glEnable(GL_BLEND);
    glBlendFunc(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA);
    glColor(bgcolor);
    drawRect(GL_QUADS, Vec2(left, y0), Vec2(right, y0), Vec2(right, y1), Vec2(left, y1));
    drawCircleFan(left, middle, cap, 0.5, 1.0, .3);
    drawCircleFan(right, middle, cap, 0.0, 0.5, .3);
    gltext.color(textcolor);
    gltext.writeAt(x, y, text);
    glPopAttrib();

    BBox(x - pad - cap, y0, x + box[2] + box[0] + pad + cap, y1);
}

documentation: "A size at which a text, or a table, fits into a box.";
\: largestFitting (int; (bool;int) fits)
{
    int low = 4;
    int high = 2048;

    while (high - low > 1)
    {
        let size = (low + high) / 2;
        gltext.size(size);
        if (fits(size)) low = size;
        else high = size;
    }

    gltext.size(low);
    low - 2;
}

\: fitTextInBox (int; string text, int w, int h)
{
    if (text eq nil || text.size() == 0) throw exception("ERROR: fitTextInBox: empty string.");

    largestFitting(\: (bool; int size)
    {
        let box = gltext.bounds(text);
        box[2] + box[0] <= w && box[3] + box[1] <= h;
    });
}

documentation: "Break a text at spaces, where a line is longer than wrap.";
\: wrapValue (string; string value, int wrap)
{
    string wrapped;
    int used = 0;

    for_each (word; string.split(value, " "))
    {
        let full = used > wrap;
        wrapped += (if full then "\n" else "") + word + " ";
        used = (if full then 0 else used) + word.size() + 1;
    }

    if wrap > 0 then wrapped else value;
}

documentation: "Size of a table, boxes of its names and values, width of the names.";
\: nameValuePairBounds (NameValueBounds; (string, string)[] pairs, int margin)
{
    let names = float[4][](),
        values = float[4][](),
        line = gltext.ascenderHeight() - gltext.descenderDepth();
    int left = 0;  // whole pixels: every sum and width is cut
    int right = 0;
    int height = 2 * margin;

    for_each (pair; pairs)
    {
        let name = gltext.bounds(pair._0),
            value = gltext.bounds(pair._1);
        names.push_back(name);
        values.push_back(value);
        left = max(left, name[2] + name[0]);
        right = max(right, value[2] + value[1]);
        height += line;
    }

    (Vec2(left + right, height), names, values, left);
}

documentation: "The lines of a value; a blank is what keeps an empty line.";
\: valueLines (string[]; string value, int wrap)
{
    let text = if value.size() > wrap then wrapValue(value, wrap) else value;
    string.split(MatchNN.replace(MatchRN.replace(text, "\n"), "\n \n"), "\n\r");
}

documentation: "One pair a line: the last line of a value comes first.";
\: expandNameValuePairs (StringPair[]; StringPair[] pairs, int wrap = 0)
{
    StringPair[] rows;

    for_each (pair; pairs)
    {
        let lines = valueLines(pair._1, wrap);

        if (lines.size() < 2)
        {
            rows.push_back(pair);
            continue;
        }

        for (int i = lines.size() - 1; i >= 0; i--)
        {
            let name = if i == 0 then pair._0 else "";
            if (lines[i] != "") rows.push_back(StringPair(name, lines[i]));
        }
    }

    rows;
}

\: fitNameValuePairsInBox (int; StringPair[] pairs, int margin, int w, int h)
{
    if (pairs.size() == 0) throw exception("ERROR: fitNameValuePairsInBox: empty pairs.");

    largestFitting(\: (bool; int size)
    {
        let box = nameValuePairBounds(pairs, margin)._0;
        box.x <= w && box.y <= h;
    });
}

documentation: "A size between limits that count when above 0; the upper one wins.";
\: limited (float; float size, int least, int most)
{
    let enough = if least > 0 && size < least then float(least) else size;
    if most > 0 && enough > most then float(most) else enough;
}

\: drawNameValuePairs (NameValueBounds;
                       StringPair[] pairs,
                       Color fg,
                       Color bg,
                       int x,
                       int y,
                       int margin,
                       int maxw = 0,
                       int maxh = 0,
                       int minw = 0,
                       int minh = 0,
                       bool nobox = false)
{
    let (box, names, values, left) = nameValuePairBounds(pairs, margin),
        shown = Vec2(limited(box.x, minw, maxw), limited(box.y, minh, maxh)),
        line = gltext.ascenderHeight() - gltext.descenderDepth(),
        x0 = x - gltext.descenderDepth(),
        y0 = y - margin,
        bar = x + left + margin / 4;
    int row = y;

    glPushAttrib(GL_ENABLE_BIT);
    glEnable(GL_BLEND);
    glBlendFunc(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA);
    if (!nobox)
    {
        drawRoundedBox(int(x0), y0, int(x0 + shown.x), int(y0 + shown.y), margin, bg,
                       fg * Color(.5, .5, .5, .5));
    }
    glColor(fg * Color(1, 1, 1, .25));
    glBegin(GL_LINES);
    glVertex(bar, y0 + margin / 2);
    glVertex(bar, y0 + shown.y - margin / 2);
    glEnd();

    for_index (i; pairs)
    {
        let (name, value) = pairs[i];
        gltext.color(fg - Color(0, 0, 0, .25));
        gltext.writeAt(x + left - (names[i][2] + names[i][0]), row, name);
        gltext.color(fg);
        gltext.writeAt(x + left + margin / 2, row, value);
        row += line;
    }

    glPopAttrib();
    (shown, names, values, left);
}

documentation: "The region under the pointer, -1: none. Regions share the height of the view.";
\: drawDropRegions (int; int w, int h, int x, int y, int margin, string[] descriptors)
{
    let border = margins(),
        pixels = devicePixelRatio(),
        gap = margin * pixels,
        each = (h - border[2] - border[3]) / descriptors.size(),
        found = -1;

    for_index (i; descriptors)
    {
        let bottom = each * i + gap + border[3],
            top = each * (i + 1) - gap + border[3];
        if (bottom <= y * pixels && y * pixels <= top) found = i;
    }

    found;
}

\: drawBlockedRegions (void;
                       int w,
                       int h,
                       int x,
                       int y,
                       int margin,
                       string[] descriptors) {;}
}
