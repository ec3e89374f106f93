// Turns the garment: draws the GLB files of this page with WebGL. Without it the pictures below stay as they are.
"use strict";
(() => {
  const FLOAT = 5126, COMPONENTS = { SCALAR: 1, VEC2: 2, VEC3: 3 };
  const VERTEX = `
    attribute vec3 position; attribute vec3 normal; attribute vec2 coordinate;
    uniform mat4 view; uniform mat3 turn; uniform vec3 middle;
    varying vec2 place; varying vec3 facing;
    void main() {
      place = coordinate; facing = turn * normal;
      gl_Position = view * vec4(turn * (position - middle), 1.0);
    }`;
  const FRAGMENT = `
    precision mediump float;
    uniform sampler2D cloth; varying vec2 place; varying vec3 facing;
    void main() {
      float key = max(dot(normalize(facing), normalize(vec3(-0.35, 0.5, 0.79))), 0.0);
      gl_FragColor = vec4(texture2D(cloth, place).rgb * (0.62 + 0.5 * key), 1.0);
    }`;

  // The mesh of a GLB file: one primitive, quantised or not, with one texture.
  function parse(bytes) {
    const header = new DataView(bytes.buffer);
    const length = header.getUint32(12, true);
    const told = JSON.parse(new TextDecoder().decode(bytes.subarray(20, 20 + length)));
    const binary = bytes.subarray(28 + length);
    const part = (index) => {
      const view = told.bufferViews[index], start = view.byteOffset || 0;
      return binary.subarray(start, start + view.byteLength);
    };
    const primitive = told.meshes[0].primitives[0];
    const attribute = (name) => {
      const accessor = told.accessors[primitive.attributes[name]], view = told.bufferViews[accessor.bufferView];
      return {
        data: part(accessor.bufferView), size: COMPONENTS[accessor.type], type: accessor.componentType,
        normalized: Boolean(accessor.normalized), stride: view.byteStride || 0, offset: accessor.byteOffset || 0,
        low: accessor.min, high: accessor.max,
      };
    };
    const indices = told.accessors[primitive.indices], texture = told.textures[0];
    const image = told.images[texture.source ?? texture.extensions.EXT_texture_webp.source];
    return {
      position: attribute("POSITION"), normal: attribute("NORMAL"), coordinate: attribute("TEXCOORD_0"),
      indices: part(indices.bufferView), count: indices.count, indexType: indices.componentType,
      picture: new Blob([part(image.bufferView)], { type: image.mimeType }),
    };
  }

  function program(gl) {
    const made = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(made, shader);
    }
    gl.linkProgram(made);
    if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(made));
    return made;
  }

  // Everything about one colour that lies on the graphics card.
  async function upload(gl, made, mesh) {
    const buffer = (target, data) => {
      const name = gl.createBuffer();
      gl.bindBuffer(target, name);
      gl.bufferData(target, data, gl.STATIC_DRAW);
      return name;
    };
    const bitmap = await createImageBitmap(mesh.picture);
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB, gl.RGB, gl.UNSIGNED_BYTE, bitmap);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    const attributes = ["position", "normal", "coordinate"].map((name) => ({
      ...mesh[name], place: gl.getAttribLocation(made, name), buffer: buffer(gl.ARRAY_BUFFER, mesh[name].data),
    }));
    // The bounds of quantised positions are told in whole numbers.
    const scale = mesh.position.normalized ? 1 / 32767 : 1;
    const middle = [0, 1, 2].map((axis) => (scale * (mesh.position.low[axis] + mesh.position.high[axis])) / 2);
    const half = [0, 1, 2].map((axis) => (scale * (mesh.position.high[axis] - mesh.position.low[axis])) / 2);
    return {
      texture, attributes, middle, width: Math.hypot(half[0], half[2]), height: half[1],
      indices: buffer(gl.ELEMENT_ARRAY_BUFFER, mesh.indices), count: mesh.count, indexType: mesh.indexType,
    };
  }

  function draw(gl, made, garment, angle, tilt) {
    const canvas = gl.canvas, dense = Math.min(window.devicePixelRatio || 1, 2);
    const width = Math.round(canvas.clientWidth * dense), height = Math.round(canvas.clientHeight * dense);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.enable(gl.DEPTH_TEST);
    gl.useProgram(made);
    const [s, c, ts, tc] = [Math.sin(angle), Math.cos(angle), Math.sin(tilt), Math.cos(tilt)];
    gl.uniformMatrix3fv(gl.getUniformLocation(made, "turn"), false, [c, ts * s, -tc * s, 0, tc, ts, s, -ts * c, tc * c]);
    gl.uniform3fv(gl.getUniformLocation(made, "middle"), garment.middle);
    // The camera stands so far away that the garment fits whichever way it is turned.
    const zoom = 3.2, ratio = width / height;
    const far = zoom * 1.12 * Math.max(garment.height, garment.width / ratio) + garment.width;
    const [near, beyond] = [far - 1.5 * garment.width, far + 1.5 * garment.width];
    const depth = 1 / (near - beyond);
    gl.uniformMatrix4fv(gl.getUniformLocation(made, "view"), false, [
      zoom / ratio, 0, 0, 0, 0, zoom, 0, 0, 0, 0, (near + beyond) * depth, -1,
      0, 0, -far * (near + beyond) * depth + 2 * near * beyond * depth, far,
    ]);
    for (const { place, buffer, size, type, normalized, stride, offset } of garment.attributes) {
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.enableVertexAttribArray(place);
      gl.vertexAttribPointer(place, size, type || FLOAT, normalized, stride, offset);
    }
    gl.bindTexture(gl.TEXTURE_2D, garment.texture);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, garment.indices);
    gl.drawElements(gl.TRIANGLES, garment.count, garment.indexType, 0);
  }

  async function show(figure) {
    const stage = figure.querySelector(".stage");
    const canvas = document.createElement("canvas");
    const gl = canvas.getContext("webgl", { antialias: true });
    if (!gl) return;
    const made = program(gl);
    const sources = [...figure.querySelectorAll("script[data-name]")];
    gl.getExtension("OES_element_index_uint");
    const garments = await Promise.all(sources.map((source) =>
      upload(gl, made, parse(Uint8Array.from(atob(source.textContent.trim()), (letter) => letter.charCodeAt(0))))));

    let angle = -0.45, tilt = 0.08, shown = 0, held = null, moving = !matchMedia("(prefers-reduced-motion:reduce)").matches;
    let last = 0;
    const paint = () => draw(gl, made, garments[shown], angle, tilt);
    const spin = (now) => {
      if (!moving) return;
      angle += Math.min(now - last, 50) * 0.0004;
      last = now;
      paint();
      requestAnimationFrame(spin);
    };
    const turn = (sideways, up) => {
      moving = false;
      angle += sideways;
      tilt = Math.max(-0.9, Math.min(0.9, tilt + up));
      paint();
    };

    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", "The garment in three dimensions; drag or use the arrow keys to turn it");
    canvas.addEventListener("pointerdown", (event) => {
      held = [event.clientX, event.clientY];
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!held) return;
      turn((event.clientX - held[0]) * 0.011, (event.clientY - held[1]) * 0.007);
      held = [event.clientX, event.clientY];
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { held = null; });
    canvas.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] }[event.key];
      if (!step) return;
      event.preventDefault();
      turn(...step);
    });

    const choices = document.createElement("div");
    choices.className = "choices";
    choices.setAttribute("role", "group");
    choices.setAttribute("aria-label", "Colour");
    sources.forEach((source, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = source.dataset.name;
      button.setAttribute("aria-pressed", String(index === 0));
      button.addEventListener("click", () => {
        shown = index;
        for (const other of choices.children) other.setAttribute("aria-pressed", String(other === button));
        paint();
      });
      choices.append(button);
    });

    stage.replaceChildren(canvas);
    if (sources.length > 1) stage.after(choices);
    figure.classList.add("alive");
    new ResizeObserver(paint).observe(canvas);
    paint();
    requestAnimationFrame((now) => { last = now; spin(now); });
  }

  for (const figure of document.querySelectorAll(".model")) {
    // A page that cannot draw keeps its pictures.
    show(figure).catch((error) => console.warn(error));
  }
})();
