// Textures of images. Nothing is drawn in a player.

module: gltexture {
use gl;
use image;

\: createScalable2DTexture (int; image im) { glGenTextures(1)[0]; }

\: drawTexture (void;
                int texid,
                float x,
                float y,
                float w,
                float h,
                float opacity,
                bool flip = false,
                bool flop = false) {;}
}
