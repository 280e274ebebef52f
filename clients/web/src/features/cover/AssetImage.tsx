import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { assetQuery } from "../../api/queries";
import type { Image } from "../../gen/covergen/cover/v1/cover_pb";
import styles from "./AssetImage.module.css";
import { classes } from "../../ui/classes";

/** How wide the picture is shown, in CSS pixels; a smaller file is fetched
    where the asset has one. */
interface Props {
  image: Image;
  alt: string;
  width: number;
}

/** A stored picture: its mean colour first, then a file no larger than
    needed, and only once it is near the screen. */
export function AssetImage({ image, alt, width }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const [isNear, setNear] = useState(false);
  const [isLoaded, setLoaded] = useState(false);
  const [hasFailed, setFailed] = useState(false);
  const asset = useQuery({ ...assetQuery(image.assetId), enabled: isNear && image.assetId !== "" });

  useEffect(() => {
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) setNear(true);
      },
      { rootMargin: "300px" },
    );
    if (frame.current) observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);

  const wanted = width * Math.min(window.devicePixelRatio, 2);
  const smaller = asset.data?.variants.find((variant) => variant.width >= wanted)?.url;
  const isSettled = isNear && (image.assetId === "" || asset.isSuccess || asset.isError);
  const src = hasFailed ? image.url : (smaller ?? image.url);
  return (
    <div
      ref={frame}
      className={styles.frame}
      style={{ aspectRatio: `${image.width} / ${image.height}`, backgroundColor: asset.data?.dominantColor }}
    >
      {isSettled && (
        <img
          src={src}
          alt={alt}
          className={classes(styles.image, isLoaded && styles.loaded)}
          width={image.width}
          height={image.height}
          onLoad={() => setLoaded(true)}
          onError={() => setFailed(true)}
        />
      )}
    </div>
  );
}
