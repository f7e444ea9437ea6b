// The zones of a search on a map: own outlines and coast, tiles only where the authority has set an address for them.
const element = document.querySelector("#firm-map");

async function draw() {
  const answer = await fetch(element.dataset.points);
  if (!answer.ok) return;
  const found = await answer.json();
  element.hidden = false;
  const points = found.features.filter((feature) => feature.geometry.type === "Point");
  const map = L.map(element, { attributionControl: Boolean(element.dataset.attribution), scrollWheelZoom: false, minZoom: 8, maxZoom: 16 });
  if (element.dataset.tiles) L.tileLayer(element.dataset.tiles, { attribution: element.dataset.attribution }).addTo(map);
  else for (const line of found.coast) drawLand(map, line);
  L.geoJSON(found.features.filter((feature) => feature.geometry.type !== "Point"), { interactive: false, className: "map-outline" }).addTo(map);
  const gathered = L.markerClusterGroup({
    showCoverageOnHover: false,
    animate: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    maxClusterRadius: 44,
    iconCreateFunction: (cluster) => icon(cluster.getAllChildMarkers().reduce((sum, marker) => sum + marker.options.count, 0), "map-point map-point--many"),
  });
  for (const { geometry, properties } of points) {
    const [x, y] = geometry.coordinates;
    const words = `${properties.name}: ${properties.count}${properties.sourced ? "" : ` (${element.dataset.unsourced})`}`;
    const look = properties.sourced ? "map-point" : "map-point map-point--approximate";
    const marker = L.marker([y, x], { icon: icon(properties.count, look), count: properties.count, title: words, alt: words, keyboard: true });
    marker.on("click", () => location.assign(properties.url));
    marker.on("keypress", ({ originalEvent }) => originalEvent.key === "Enter" && location.assign(properties.url));
    marker.bindTooltip(words);
    gathered.addLayer(marker);
  }
  gathered.on("clusterkeypress", ({ layer, originalEvent }) => originalEvent.key === "Enter" && layer.zoomToBounds());
  map.addLayer(gathered);
  if (points.length) map.fitBounds(gathered.getBounds(), { padding: [40, 40], maxZoom: 12 });
  else map.setView([16.05, 108.15], 9);
}

// The land lies west of the coast: the line, closed far outside of what can be seen.
function drawLand(map, line) {
  const coast = line.map(([x, y]) => [y, x]);
  const [north, south] = [coast[0][0], coast.at(-1)[0]];
  L.polygon([...coast, [south, 100], [north, 100]], { className: "map-land", interactive: false }).addTo(map);
  L.polyline(coast, { className: "map-coast", interactive: false }).addTo(map);
  map.setMaxBounds([[south, 105.5], [north, 111]]);
}

function icon(count, className) {
  const size = Math.min(56, 26 + 5 * Math.log2(count + 1));
  const words = document.createElement("span");
  words.textContent = new Intl.NumberFormat(document.documentElement.lang).format(count);
  return L.divIcon({ html: words, className, iconSize: [size, size] });
}

if (element) draw();
